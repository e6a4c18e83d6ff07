"""`autodata run`: checks what was asked, runs it in view of the person, and says how it went."""

import asyncio
import json
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.closing import print_closing
from app.console import PlainConsole
from app.downloads import fetch_models
from app.estimate import rates_for
from app.views import View, view_for
from autodata.documents.sources import find_sources
from autodata.errors import InterruptedRunError, UsageError
from autodata.estimate import estimate
from autodata.ledger.budget import Caps
from autodata.settings import configure
from graphs.collector import calm_collector
from graphs.driver import Campaign
from graphs.run import Finished, Plan, Watch, run_directory, writable
from nodes.resources import Resources


@dataclass(frozen=True)
class Asked:
    """What the command line asked for; an override that is None was not given."""

    documents: list[Path]
    out: Path
    config: Path | None = None
    caps: tuple[int | None, int | None, float | None] = (None, None, None)
    target: int | None = None
    overrides: Mapping[str, Any] = field(default_factory=dict)
    most_documents: int | None = None
    like: Path | None = None
    trace: bool = False
    server: str | None = None


def run_command(asked: Asked, quiet: bool, as_json: bool) -> int:
    """Run and report; gives the exit status.

    Raises:
        AutodataError: if the run cannot begin.
    """
    console = PlainConsole(stderr=as_json)
    settings = configure(asked.config, _given(asked.overrides)).settings
    caps = Caps(*asked.caps)
    if caps.cost is not None and not settings.priced:
        raise UsageError("--max-cost needs prices: set price_in and price_out of the models in the configuration")
    sources = find_sources(asked.documents)[: asked.most_documents]
    writable(asked.out)
    if asked.server is None:
        fetch_models(settings, PlainConsole(quiet=True) if quiet else console)
    rates = rates_for(settings, asked.like, len(sources))
    view = view_for(console, quiet)
    plan = Plan(
        directory=asked.out,
        settings=settings,
        sources=sources,
        caps=caps,
        target=asked.target,
        expected=estimate([source.size for source in sources], settings, rates),
        server=asked.server,
        watch=Watch(on_round=view.round, on_change=view.change),
        trace=asked.trace,
    )
    calm_collector()
    try:
        finished = asyncio.run(_interruptible(plan, view))
    except KeyboardInterrupt:  # before the run began, while its models are started or probed
        raise InterruptedRunError("interrupted; start again to go on") from None
    if as_json:
        print(json.dumps(finished.summary))
    elif not quiet:
        print_closing(console, asked.out, finished)
    return _exit_status(finished, said=not (quiet or as_json))


def _exit_status(finished: Finished, said: bool) -> int:
    """The status that a session ends with; what stopped it goes to the error output, unless said before."""
    if finished.stopped is None:
        return 0
    if not said:
        PlainConsole(stderr=True).print(f"autodata: {finished.stopped}", soft_wrap=True)
    return finished.stopped.exit_status


async def _interruptible(plan: Plan, view: View) -> Finished:
    """Run with Ctrl-C in two steps: the first lets calls in flight end, the second gives them up."""
    loop = asyncio.get_running_loop()
    pressed = 0

    def begin(campaign: Campaign, resources: Resources) -> None:
        def interrupted() -> None:
            nonlocal pressed
            pressed += 1
            if pressed == 1:
                campaign.stop(InterruptedRunError("interrupted; start again to go on"))
            else:
                resources.gateway.abandon()

        for sign in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(sign, interrupted)
        view.begin(campaign, resources)

    plan.watch.on_begin = begin
    with view.shown():
        return await run_directory(plan)


def _given(overrides: Mapping[str, Any]) -> dict[str, Any]:
    """The overrides that were really given."""
    kept = {
        key: _given(value) if isinstance(value, Mapping) else value
        for key, value in overrides.items()
        if value is not None
    }
    return {key: value for key, value in kept.items() if value != {}}

"""A run directory: one run from its documents to its files, begun or gone on with."""

import asyncio
import json
import os
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select, update

from autodata.documents.novelty import Accepted
from autodata.documents.sources import Source
from autodata.domains import usable_domain
from autodata.errors import AutodataError, RunConflictError, UsageError
from autodata.ledger import tables as t
from autodata.ledger.address import database_url, shown, sqlite_url
from autodata.ledger.budget import NO_CAPS, Budget, Caps
from autodata.ledger.facts import ESTIMATE, TARGET, read_fact, write_fact
from autodata.ledger.files import LEDGER
from autodata.ledger.ledger import Ledger
from autodata.ledger.lock import run_lock
from autodata.ledger.manifest import (
    SQLITE,
    Identity,
    check_manifest,
    check_sources,
    identity_of,
    manifest_of,
    new_identity,
    read_manifest,
)
from autodata.ledger.outputs import write_outputs
from autodata.ledger.summary import spent
from autodata.ledger.views import accepted_questions
from autodata.models.keys import keys_of
from autodata.settings import Settings
from graphs.driver import Campaign, Tally
from graphs.pulse import pulse
from graphs.remote import RemoteCampaign, remote_resources, run_name
from nodes.resources import Resources, RoundSeen, open_resources


@dataclass
class Watch:
    """Who is told of a run as it goes on; each is optional."""

    on_round: RoundSeen = lambda _: None
    on_change: Callable[[Tally], None] = lambda _: None
    on_begin: Callable[[Campaign, Resources], None] = lambda *_: None


@dataclass(frozen=True)
class Plan:
    """What a session of a run is asked to do."""

    directory: Path
    settings: Settings
    sources: Sequence[Source]
    caps: Caps = NO_CAPS
    target: int | None = None
    expected: dict[str, Any] | None = None
    """What was estimated; kept with the run's first session."""
    server: str | None = None
    """The LangGraph server that runs the documents; None runs them in this process."""
    watch: Watch = field(default_factory=Watch)
    trace: bool = False
    """Whether each document's trace is kept; a run that is gone on with may change its mind."""


@dataclass(frozen=True)
class Finished:
    """How a session ended."""

    summary: dict[str, Any]
    stopped: AutodataError | None
    """What ended it early; it can be gone on with."""


async def run_directory(plan: Plan) -> Finished:
    """Run, or go on with, a run directory; its files are written however the session ends.

    Raises:
        AutodataError: if the session cannot begin: wrong usage, a conflict, or an endpoint that is not there.
    """
    directory = plan.directory
    manifest = manifest_of(plan.settings, usable_domain(plan.settings), plan.sources)
    writable(directory)
    with ExitStack() as held:
        held.enter_context(run_lock(directory))
        ledger, identity = _open(directory, plan.settings, manifest)
        held.callback(ledger.close)
        await ledger.read(lambda connection: check_sources(connection, ledger.run, plan.sources))
        check_manifest(directory, manifest, identity)
        return await _session(plan, ledger, manifest)


def _open(directory: Path, settings: Settings, manifest: dict[str, Any]) -> tuple[Ledger, Identity]:
    """The run's ledger, in the directory or in PostgreSQL, with the run as this process's own."""
    begun = read_manifest(directory)
    url = database_url(settings.ledger) if settings.ledger else None
    where = shown(url) if url else SQLITE
    identity = identity_of(begun) if begun else new_identity(where)
    if (identity.ledger == SQLITE) != (where == SQLITE):
        raise RunConflictError(
            f"{directory} holds another run: its ledger was {identity.ledger}, is {where}. "
            "Set or unset `ledger` and DATABASE_URL as it was begun, or use another --out"
        )
    ledger = Ledger.open(
        url or sqlite_url(directory / LEDGER),
        identity.run,
        json.dumps(manifest),
        sole=True,
        known=bool(begun and url),
    )
    return ledger, identity._replace(ledger=where)


async def _session(plan: Plan, ledger: Ledger, manifest: dict[str, Any]) -> Finished:
    """Run the campaign and write the files."""
    started = time.monotonic()
    campaign = await _campaign(plan, ledger, manifest)
    resources = campaign.resources
    plan.watch.on_begin(campaign, resources)
    seen = asyncio.create_task(pulse(campaign))
    try:
        with _tracing(plan):
            stopped = await campaign.run()
    finally:
        seen.cancel()
        await resources.close()
    seconds = time.monotonic() - started
    replayed = {role: line.replayed for role, line in resources.gateway.lines.items()}

    def write(connection: Connection) -> dict[str, Any]:
        connection.execute(
            update(t.runs).where(t.runs.c.id == ledger.run).values(seconds=t.runs.c.seconds + seconds)
        )
        return write_outputs(connection, ledger.run, plan.directory, manifest, replayed)

    summary = await ledger.read(write)
    if not summary["documents"] and stopped is None:
        reasons = "; ".join(f"{entry['file']}: {entry['reason']}" for entry in summary["skipped"][:3])
        raise UsageError(f"none of the {len(plan.sources)} files can be used ({reasons})")
    return Finished(summary, stopped)


def _budget(connection: Connection, run: int, plan: Plan) -> Budget:
    """What earlier sessions spent, under this session's caps; keeps the target and the first estimate."""
    write_fact(connection, run, TARGET, plan.target)
    if plan.expected is not None and read_fact(connection, run, ESTIMATE) is None:
        write_fact(connection, run, ESTIMATE, plan.expected)
    decided = connection.scalar(select(func.count()).where(t.outcomes.c.run == run)) or 0
    return Budget(plan.caps, spent(connection, run), int(decided))


def _tracing(plan: Plan) -> AbstractContextManager[None]:
    """Keep the session's traces in the run directory, if the plan says so."""
    if not plan.trace:
        return nullcontext()
    from autodata.tracing.sink import TRACES, traced  # LangSmith's client takes its time to import

    return traced(plan.directory / TRACES, keys_of(plan.settings))


async def _campaign(plan: Plan, ledger: Ledger, manifest: dict[str, Any]) -> Campaign:
    """The campaign that the plan asks for, here or on a server."""
    budget = await ledger.read(lambda connection: _budget(connection, ledger.run, plan))
    watch = plan.watch
    if plan.server is not None:
        resources = remote_resources(plan.settings, ledger, budget, watch.on_round)
        name = run_name(plan.directory, manifest)
        return RemoteCampaign(resources, plan.sources, plan.target, watch.on_change, server=plan.server, name=name)
    resources = await open_resources(plan.settings, ledger, budget, watch.on_round)
    resources.accepted = Accepted()
    for document, question in await ledger.read(lambda c: list(accepted_questions(c, ledger.run))):
        resources.accepted.add(document, question)
    return Campaign(resources, plan.sources, plan.target, watch.on_change)


def writable(directory: Path) -> None:
    """Make the run directory; UsageError if it cannot be written to."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise UsageError(f"{directory} cannot be made: {problem.strerror}; choose another --out") from None
    if not os.access(directory, os.W_OK):
        raise UsageError(f"{directory} cannot be written to; choose another --out")

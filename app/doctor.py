"""`autodata doctor`: does each role's endpoint work, before a run depends on it."""

import asyncio
import json
from pathlib import Path

from rich.table import Table

from app.console import PlainConsole
from autodata.errors import EndpointError
from autodata.models.chat import close_sessions
from autodata.models.checkup import Checkup, as_json, check_endpoints
from autodata.settings import Settings, configure


def doctor_command(config: Path | None, for_script: bool) -> None:
    """Try every endpoint and print what was found.

    Raises:
        EndpointError: if a role cannot work.
    """
    settings = configure(config).settings
    found = asyncio.run(_checkups(settings))
    broken = [role for checkup in found if not checkup.works for role in checkup.roles]
    if for_script:
        print(json.dumps([as_json(checkup) for checkup in found], indent=2))
    else:
        _print(found)
    if broken:
        raise EndpointError(f"{', '.join(broken)} cannot work as configured")


async def _checkups(settings: Settings) -> list[Checkup]:
    try:
        return await check_endpoints(settings)
    finally:
        await close_sessions()


def _print(found: list[Checkup]) -> None:
    console = PlainConsole()
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in ("roles", "endpoint", "model", "works", "reachable", "key", "exists", "structured", "seeds"):
        table.add_column(column, overflow="fold")
    for column in ("usage", "context", "latency"):
        table.add_column(column, justify="right")
    for checkup in found:
        table.add_row(*_row(checkup))
    console.print(table)
    for checkup in found:
        if checkup.problem:
            style = "yellow" if checkup.works else "red"
            console.print(f"{', '.join(checkup.roles)}: {checkup.problem}", style=style, soft_wrap=True)


def _row(found: Checkup) -> list[str]:
    flags = (found.works, found.reachable, found.key_accepted, found.model_exists)
    works, reachable, key, exists = ("-" if flag is None else "yes" if flag else "NO" for flag in flags)
    return [
        ", ".join(found.roles),
        found.endpoint,
        found.model,
        works,
        reachable,
        key,
        exists,
        found.structured or "-",
        found.seeds or "-",
        "-" if found.usage is None else "yes" if found.usage else "no",
        "-" if found.context_tokens is None else f"{found.context_tokens:,}",
        "-" if found.latency_s is None else f"{found.latency_s:.2f} s",
    ]

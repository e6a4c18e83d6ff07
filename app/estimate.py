"""`autodata estimate`: what a run will take, before a call is paid for."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.table import Table

from app.console import PlainConsole
from app.rundir import reading, run_of
from app.views import duration
from autodata.documents.intake import Intake
from autodata.documents.selection import CHARS_PER_TOKEN
from autodata.documents.sources import find_sources
from autodata.errors import UsageError
from autodata.estimate import Rates, estimate, published_rates
from autodata.ledger.rates import measured_rates
from autodata.prompting import load_domain
from autodata.settings import Settings, configure


def estimate_command(
    documents: list[Path], given: Mapping[str, Any], config: Path | None, like: Path | None
) -> dict[str, Any]:
    """The estimate for some documents; UsageError if none can be used."""
    settings = configure(config, given).settings
    chars = asyncio.run(_shown_chars(documents, settings))
    if not chars:
        raise UsageError("none of the files can be used; `autodata documents` says why for each")
    return estimate(chars, settings, rates_for(settings, like, len(chars)))


async def _shown_chars(documents: list[Path], settings: Settings) -> list[int]:
    """How much of each usable document a round shows at most, in characters."""
    most = settings.limits.document_tokens * CHARS_PER_TOKEN
    intake = Intake(find_sources(documents), settings.limits.document_bytes)
    try:
        return [min(len(entry.document.text), most) async for entry in intake.entries() if entry.document]
    finally:
        await intake.close()


def rates_for(settings: Settings, like: Path | None, count: int) -> Rates:
    """Rates measured on an earlier run, or the published ones."""
    if like is None:
        return published_rates(settings, load_domain(settings.domain, settings.domains))
    with reading(like) as connection:
        return measured_rates(connection, run_of(connection), str(like), count)


def print_estimate(found: dict[str, Any], as_json: bool) -> None:
    """Print a table, or JSON for a script."""
    if as_json:
        print(json.dumps(found))
        return
    console = PlainConsole()
    console.print(f"{found['documents']} documents, from {found['basis']}")
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in ("", "calls: low", "likely", "high", "tokens in", "tokens out", "USD"):
        table.add_column(column, justify="left" if not column else "right")
    for role, figures in [*found["roles"].items(), ("all", found)]:
        calls = [f"{figures['calls'][name]:,.0f}" for name in ("low", "likely", "high")]
        tokens = [f"{figures[name]['likely']:,.0f}" for name in ("tokens_in", "tokens_out")]
        table.add_row(role, *calls, *tokens, f"{figures['cost_usd']['likely']:.2f}")
    console.print(table)
    cost, seconds = found["cost_usd"], found["seconds"]
    if cost["high"]:
        console.print(f"cost {cost['low']:.2f} to {cost['high']:.2f} USD, likely {cost['likely']:.2f}")
    else:
        console.print("cost: no prices are set (price_in and price_out, USD per million tokens)")
    console.print(
        f"time {duration(seconds['low'])} to {duration(seconds['high'])}, likely {duration(seconds['likely'])}"
    )

"""`autodata documents`: what a run would read of some files and folders, before anything is paid for."""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rich.table import Table
from rich.text import Text

from app.console import PlainConsole
from autodata.documents.intake import Entry, Intake
from autodata.documents.language import language_of
from autodata.documents.outline import sections_of
from autodata.documents.selection import tokens_in
from autodata.documents.sources import Source, find_sources
from autodata.settings import configure

ROWS = 1_000
"""The longest table; `--json` has no limit."""


class Listed(NamedTuple):
    """What there is to say of a document, or why it would be left out."""

    file: str
    title: str
    chars: int
    tokens: int
    sections: int
    language: str
    problem: str


def documents_command(paths: Sequence[Path], config: Path | None, as_json: bool) -> None:
    """Read everything as a run would, and print a line a document and the totals."""
    limits = configure(config).settings.limits
    listed = asyncio.run(_listed(find_sources(paths), limits.document_bytes))
    totals = _totals(listed, limits.document_tokens)
    if as_json:
        rows = [entry._asdict() for entry in listed]
        print(json.dumps({"documents": rows, "totals": totals}, ensure_ascii=False, indent=2))
        return
    console = PlainConsole()
    console.print(_table(listed[:ROWS]))
    if len(listed) > ROWS:
        console.print(f"... and {len(listed) - ROWS:,} more; --json lists all of them", style="dim")
    console.print(
        f"\n{totals['usable']:,} documents, {totals['left_out']:,} left out; about {totals['tokens']:,} tokens; "
        + ", ".join(f"{count:,} {name}" for name, count in totals["languages"].items()),
        soft_wrap=True,
    )
    if totals["shown_in_parts"]:
        console.print(
            f"{totals['shown_in_parts']:,} are longer than limits.document_tokens ({limits.document_tokens:,}): "
            "a round shows their beginning and some of their sections.",
            soft_wrap=True,
        )


async def _listed(sources: Sequence[Source], most_bytes: int) -> list[Listed]:
    intake = Intake(sources, most_bytes)
    try:
        return [_line(entry) async for entry in intake.entries()]
    finally:
        await intake.close()


def _line(entry: Entry) -> Listed:
    document = entry.document
    if document is None:
        return Listed(entry.source.name, "", 0, 0, 0, "", entry.reason)
    text = document.text
    sections = sum(1 for section in sections_of(text) if section.title)
    return Listed(entry.source.name, document.title, len(text), tokens_in(text), sections, language_of(text), "")


def _totals(listed: Sequence[Listed], shown_tokens: int) -> dict[str, Any]:
    usable = [entry for entry in listed if not entry.problem]
    return {
        "usable": len(usable),
        "left_out": len(listed) - len(usable),
        "chars": sum(entry.chars for entry in usable),
        "tokens": sum(entry.tokens for entry in usable),
        "shown_in_parts": sum(entry.tokens > shown_tokens for entry in usable),
        "languages": dict(Counter(entry.language for entry in usable).most_common()),
    }


def _table(listed: Sequence[Listed]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("file", overflow="fold", max_width=40)
    table.add_column("title or problem", overflow="fold")
    for name in ("characters", "tokens", "sections"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("language")
    for entry in listed:
        if entry.problem:
            table.add_row(entry.file, Text(entry.problem, "yellow"), "", "", "", "")
        else:
            counts = f"{entry.chars:,}", f"{entry.tokens:,}", str(entry.sections)
            table.add_row(entry.file, entry.title, *counts, entry.language)
    return table

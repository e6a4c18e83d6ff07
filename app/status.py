"""`autodata status`: how a run stands, also while it is going on."""

import json
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any

from rich.table import Table

from app.closing import summary_table
from app.console import PlainConsole
from app.rundir import reading, run_of
from app.views import duration
from autodata.ledger.lock import holder
from autodata.ledger.progress import progress
from autodata.ledger.summary import summarize
from autodata.ledger.views import RoundView, rounds_of
from autodata.schemas import SOLVERS, Failure
from autodata.scoring import tally


def status_command(directory: Path, as_json: bool) -> None:
    """Print the figures of the ledger as they are now."""
    with reading(directory) as connection:
        summary = summarize(connection, run_of(connection), {})
        going = progress(connection, run_of(connection))
    running = holder(directory)
    if not running:
        going["session"] = None
    if as_json:
        print(json.dumps({**summary, **going, "running": running}))
        return
    console = PlainConsole()
    console.print(_headline(going, running), soft_wrap=True)
    console.print(summary_table(summary))
    console.print(_progress_table(summary, going))
    if not running and going["done"] < going["files"]:
        console.print("Give the same `autodata run` command again to go on.", style="dim")


def _headline(going: dict[str, Any], running: str | None) -> str:
    wanted = f", {going['target']} accepted items wanted" if going["target"] else ""
    state = f"running: {running}" if running else "not running"
    return f"{going['done']} of {going['files']} documents done{wanted}, {state}"


def _progress_table(summary: dict[str, Any], going: dict[str, Any]) -> Table:
    """What is in flight, how fast it goes, what is slow, and how the estimate compares."""
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column(style="bold")
    table.add_column()
    if session := going["session"]:
        calls = ", ".join(f"{count} at {name}" for name, count in session["calls_in_flight"].items())
        table.add_row("in flight", f"{session['documents_in_flight']} documents; calls: {calls}")
    if going["calls_per_s"] is not None:
        table.add_row("speed", f"{going['calls_per_s']:g} calls/s in the last minute of work")
    if going["slow"]:
        slowest = ", ".join(
            f"{line['role']} ({line['model']}) {line['p50_s']:g} s, 95 % within {line['p95_s']:g} s"
            for line in going["slow"][:2]
        )
        table.add_row("slowest", slowest)
    if expected := going["expected"]:
        left = expected["seconds_left"]
        table.add_row(
            "by the end",
            f"{expected['accepted']} accepted, {expected['calls']:,} calls, {expected['cost_usd']:.4f} USD"
            + (f", in {duration(left)}" if left else ""),
        )
    if estimate := going["estimate"]:
        table.add_row("estimated", _compared(estimate, summary))
    return table


def _compared(estimate: dict[str, Any], summary: dict[str, Any]) -> str:
    """The estimate beside what it came to so far."""
    sides = estimate["tokens_in"], estimate["tokens_out"]
    tokens = {name: sum(side[name] for side in sides) for name in sides[0]}
    asked = sum(role["asked"] for role in summary["calls"].values())
    facts = (
        ("calls", estimate["calls"], asked, ",.0f"),
        ("tokens", tokens, sum(summary["tokens"].values()), ",.0f"),
        ("USD", estimate["cost_usd"], summary["cost_usd"], ".4f"),
    )
    return (
        "; ".join(
            f"{name} {format(found, form)} of {format(figures['likely'], form)} "
            f"({format(figures['low'], form)} to {format(figures['high'], form)})"
            for name, figures, found, form in facts
            if figures["high"]
        )
        + f" (from {estimate['basis']})"
    )


def types_command(directory: Path, as_json: bool) -> None:
    """Print how the rounds of each question type ended, and how the first rounds did against all."""
    with reading(directory) as connection:
        views = [view for view in rounds_of(connection, run_of(connection)) if view.item is not None]
    groups: dict[str, list[RoundView]] = {}
    for view in views:
        groups.setdefault(view.item.question_type if view.item else "", []).append(view)
    rows = [_by_type(name, groups[name]) for name in sorted(groups)]
    rows += [_by_type("first rounds", [view for view in views if view.round == 1]), _by_type("all rounds", views)]
    if as_json:
        print(json.dumps(rows))
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in rows[0]:
        table.add_column(name.replace("_", " "), justify="left" if name == "type" else "right", no_wrap=True)
    for row in rows:
        table.add_row(*("-" if value is None else str(value) for value in row.values()))
    PlainConsole().print(table)


def _by_type(name: str, views: list[RoundView]) -> dict[str, str | int | float | None]:
    """One line: how many rounds, how they ended, and the mean scores where a solver was run."""
    ended = Counter(view.failure for view in views)
    means: dict[str, float | None] = {}
    for solver in SOLVERS:
        found = [tally(scores).mean for view in views if (scores := view.scores(solver))]
        means[solver] = round(float(sum(found, Fraction(0)) / len(found)), 2) if found else None
    return {
        "type": name,
        "rounds": len(views),
        "accepted": ended[None],
        **{failure.value: ended[failure] for failure in (Failure.TOO_EASY, Failure.FAILED_ON_STRONG)},
        "weak_mean": means["weak"],
        "strong_mean": means["strong"],
    }

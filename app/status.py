"""`autodata status`: how a run stands, also while it is going on."""

import json
from collections import Counter
from fractions import Fraction
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select

from app.closing import summary_table
from app.rundir import RUN, reading
from autodata.ledger import tables as t
from autodata.ledger.lock import holder
from autodata.ledger.summary import VERDICTS, summarize
from autodata.ledger.views import RoundView, rounds_of
from autodata.schemas import SOLVERS, Failure
from autodata.scoring import tally


def status_command(directory: Path, as_json: bool) -> None:
    """Print the figures of the ledger as they are now."""
    with reading(directory) as connection:
        summary = summarize(connection, RUN, {})
        files = connection.scalar(select(func.sum(t.sources.c.documents)).where(t.sources.c.run == RUN)) or 0
    done = sum(summary[verdict] for verdict in VERDICTS) + len(summary["skipped"])
    running = holder(directory)
    if as_json:
        print(json.dumps({**summary, "files": files, "done": done, "running": running}))
        return
    console = Console(highlight=False)
    console.print(f"{done} of {files} documents done" + (f", running: {running}" if running else ", not running"))
    console.print(summary_table(summary))
    if not running and done < files:
        console.print("Give the same `autodata run` command again to go on.", style="dim")


def types_command(directory: Path, as_json: bool) -> None:
    """Print how the rounds of each question type ended, and how the first rounds did against all."""
    with reading(directory) as connection:
        views = [view for view in rounds_of(connection, RUN) if view.item is not None]
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
    Console(highlight=False).print(table)


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

"""`autodata compare`: runs side by side, with intervals, and what can be told from them."""

import json
from pathlib import Path

from rich.table import Table

from app.console import PlainConsole
from app.rundir import reading, run_of
from evals.comparison import Comparison, Row, as_json, compare, said
from evals.figures import Figure, RunFigures, document_figures
from evals.intervals import Estimate


def compare_command(directories: list[Path], json_wanted: bool) -> None:
    """Print the table, or the same as JSON."""
    runs = []
    for directory in directories:
        with reading(directory) as connection:
            runs.append(RunFigures(str(directory), document_figures(connection, run_of(connection))))
    comparison = compare(runs)
    if json_wanted:
        print(json.dumps(as_json(comparison)))
        return
    console = PlainConsole()
    console.print(_table(comparison))
    for name, pairs in zip(comparison.names[1:], comparison.paired, strict=True):
        how = "unpaired: too few documents in common" if pairs is None else f"paired over {pairs} documents"
        console.print(f"{name} against {comparison.names[0]}: {how}", style="dim", soft_wrap=True)
    console.print(
        "In brackets: 95 % intervals, by resampling documents. An accepted item's scores were also", end=" "
    )
    console.print("what it was selected by, so a loop's own gap is too good.", style="dim", soft_wrap=True)


def _table(comparison: Comparison) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("")
    for name in comparison.names:
        table.add_column(name, overflow="fold")
    for _ in comparison.names[1:]:
        table.add_column("difference")
    table.add_column("published, single-shot / agentic", style="dim")
    blank = [""] * (len(comparison.names) - 1)
    table.add_row("documents", *map(str, comparison.documents), *blank, "")
    table.add_row("accepted", *map(str, comparison.accepted), *blank, "")
    for row in comparison.rows:
        if any(one.value for one in row.estimates):
            table.add_row(*_cells(row))
    return table


def _cells(row: Row) -> list[str]:
    figure = row.figure
    shown = [_shown(figure, one) for one in row.estimates]
    changes = [f"{_shown(figure, one, signed=True)} {said(one)}".strip() for one in row.differences]
    return [figure.words, *shown, *changes, figure.published]


def _shown(figure: Figure, one: Estimate, signed: bool = False) -> str:
    """A figure with its interval, such as `45.8% [41.2%, 50.1%]`."""
    if one.value is None:
        return "" if signed else "-"
    form = ("+" if signed else "") + figure.form
    if one.low is None or one.high is None:
        return format(one.value, form)
    bounds = " to ".join(format(bound, form).removesuffix("%") for bound in (one.low, one.high))
    return f"{one.value:{form}} [{bounds}]"

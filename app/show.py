"""`autodata show`: the items of a run, or one document's whole story in the terminal."""

import json
from pathlib import Path

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from sqlalchemy import Connection, select

from app.advice import advice_parts, block
from app.console import PlainConsole
from app.rundir import reading, run_of
from app.views import LABELS
from autodata.errors import UsageError
from autodata.ledger import tables as t
from autodata.ledger.outputs import ACCEPTED, REJECTED
from autodata.ledger.views import AttemptView, CandidateView, RoundView, rounds_of
from autodata.schemas import SOLVERS, Item
from autodata.scoring import tally

_MARKS = {True: ("+", "green"), False: ("-", "red")}


def show_command(directory: Path, wanted: str | None, as_json: bool) -> None:
    """Print a line an item, or the story of the document that `wanted` names."""
    with reading(directory) as connection:
        if wanted is None:
            _show_items(connection, directory, as_json)
        else:
            _show_story(connection, directory, wanted, as_json)


def _show_items(connection: Connection, directory: Path, as_json: bool) -> None:
    if as_json:
        for name in (ACCEPTED, REJECTED):
            if (directory / name).is_file():
                print((directory / name).read_text("utf-8"), end="")
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column, width in (
        ("item", 12),
        ("document", 28),
        ("round", 5),
        ("verdict", 16),
        ("weak", 5),
        ("strong", 6),
    ):
        table.add_column(column, min_width=width, max_width=width, no_wrap=True, overflow="ellipsis")
    table.add_column("question", no_wrap=True, overflow="ellipsis")
    for view in rounds_of(connection, run_of(connection)):
        label, style = LABELS[view.failure]
        question = view.item.question if view.item else view.reason
        means = [_percent(view, solver) for solver in SOLVERS]
        name = view.item.hash[:12] if view.item else "-"
        table.add_row(name, view.title, str(view.round), Text(label, style), *means, question)
    console = PlainConsole()
    console.print(table)
    console.print(f"\nThe whole story of one: autodata show {directory} ITEM", style="dim")


def _show_story(connection: Connection, directory: Path, wanted: str, as_json: bool) -> None:
    document = _document(connection, wanted)
    if document is None:
        raise UsageError(f"{directory} has no item or document {wanted!r}; `autodata show {directory}` lists them")
    views = list(rounds_of(connection, run_of(connection), [document]))
    if as_json:
        print(json.dumps([_as_json(view) for view in views], ensure_ascii=False, indent=2))
        return
    console = PlainConsole()
    console.print(Text(views[0].title if views else wanted, style="bold"))
    for view in views:
        console.print(Padding(_round(view), (1, 0, 0, 0)))


def _document(connection: Connection, wanted: str) -> str | None:
    """The document that an item's hash, a document's id or a file's name begins like."""
    columns = t.documents.c
    for row in connection.execute(select(columns.id, columns.file).where(columns.run == run_of(connection))):
        if row.id.startswith(wanted) or row.file == wanted or row.file.startswith(wanted):
            return str(row.id)
    items = select(t.rounds.c.document, t.rounds.c.item).where(t.rounds.c.run == run_of(connection))
    found = (row.document for row in connection.execute(items) if row.item and row.item.hex().startswith(wanted))
    return next(found, None)


def _round(view: RoundView) -> Group:
    """One round: its feedback, item, attempts and verdict."""
    label, style = LABELS[view.failure]
    parts: list[Text | Padding | Table] = [
        Text.assemble((f"Round {view.round}: ", "bold"), (label, style), f"  {view.reason}")
    ]
    if view.shown:
        parts.append(block("shown of the document", "; ".join(view.shown)))
    if view.feedback:
        parts.append(block("told to the challenger", view.feedback))
    parts += [_candidate(candidate) for candidate in view.candidates]
    if view.item is not None:
        parts += _item(view.item)
        parts += [_attempts(view, view.item)] if view.attempts else []
        parts += advice_parts(view, view.item) if view.advice else []
        parts += [_answer(attempt) for attempt in view.attempts]
    return Group(*parts)


def _candidate(candidate: CandidateView) -> Padding:
    said = candidate.item.question if candidate.item else "(no valid item)"
    reason = f"\n{candidate.reason}" if candidate.reason else ""
    return block(f"candidate {candidate.number}: {candidate.standing.replace('_', ' ')}", f"{said}{reason}")


def _item(item: Item) -> list[Text | Padding | Table]:
    kind = f"{item.question_type}; {', '.join(item.reasoning_skills)}"
    return [
        Text.assemble(("item ", "dim"), item.hash[:12], ("  type ", "dim"), kind),
        *([block("context", item.context)] if item.context else []),
        block("question", item.question),
        block("reference answer", item.reference_answer),
    ]


def _attempts(view: RoundView, item: Item) -> Padding:
    """The matrix of attempts by criteria."""
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column("criterion", overflow="fold")
    table.add_column("weight", justify="right")
    for attempt in view.attempts:
        table.add_column(f"{attempt.solver[0].upper()}{attempt.index}", justify="center")
    for at, criterion in enumerate(item.rubric):
        marks = [_mark(attempt, at) for attempt in view.attempts]
        table.add_row(f"{at + 1}. {criterion.criterion}", f"{criterion.weight:+d}", *marks)
    scores = [_score(attempt) for attempt in view.attempts]
    table.add_row(Text("score", style="bold"), "", *scores)
    return Padding(table, (0, 0, 0, 2))


def _mark(attempt: AttemptView, at: int) -> Text:
    if attempt.met is None:
        return Text("0" if attempt.score is not None else "?", style="dim")
    return Text(*_MARKS[attempt.met[at]])


def _score(attempt: AttemptView) -> str:
    return attempt.status if attempt.score is None else f"{float(attempt.score):.2f}"


def _answer(attempt: AttemptView) -> Padding:
    name = f"{attempt.solver} {attempt.index} ({attempt.status})"
    evidence = "".join(f"\n{number}. {line}" for number, line in enumerate(attempt.evidence, 1) if line)
    return block(name, attempt.answer + (f"\nevidence:{evidence}" if evidence else ""))


def _percent(view: RoundView, solver: str) -> str:
    scores = view.scores("weak" if solver == "weak" else "strong")
    return f"{float(tally(scores).mean):.0%}" if scores else "-"


def _as_json(view: RoundView) -> dict[str, object]:
    return {
        "document_id": view.document,
        "title": view.title,
        "round": view.round,
        "failure": view.failure,
        "reason": view.reason,
        "feedback": view.feedback,
        "shown": view.shown,
        "candidates": [
            {
                "number": candidate.number,
                "standing": candidate.standing,
                "reason": candidate.reason,
                "item": candidate.item.model_dump(mode="json") if candidate.item else None,
            }
            for candidate in view.candidates
        ],
        "item": view.item.model_dump(mode="json") if view.item else None,
        "advice": view.advice.body if view.advice else None,
        "attempts": [
            {
                "solver": attempt.solver,
                "index": attempt.index,
                "status": attempt.status,
                "score": None if attempt.score is None else float(attempt.score),
                "met": attempt.met,
                "evidence": attempt.evidence,
                "answer": attempt.answer,
            }
            for attempt in view.attempts
        ],
    }

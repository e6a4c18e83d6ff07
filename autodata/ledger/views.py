"""Reads a run back from the ledger: every round with its item and attempts, document by document."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, select

from autodata.acceptance import Advice
from autodata.ledger import tables as t
from autodata.ledger.cut import Cut
from autodata.ledger.records import unpack
from autodata.schemas import AttemptStatus, Failure, Item, Solver
from autodata.scoring import score

_DOCUMENTS_AT_ONCE = 200


@dataclass(frozen=True)
class AttemptView:
    """One attempt, as recorded; its score is computed here from the judge's booleans."""

    solver: Solver
    index: int
    status: str
    met: tuple[bool, ...] | None
    evidence: tuple[str, ...]
    answer: str
    score: Fraction | None
    """None if the attempt is invalid."""


@dataclass(frozen=True)
class AdviceView:
    """What a loop judge said of a round's item; its whole answer is in `body`."""

    advice: Advice
    body: Mapping[str, Any]


@dataclass(frozen=True)
class CandidateView:
    """One of several challengers' candidates in a round."""

    number: int
    standing: str
    """`chosen`, `not_chosen` or `refused`."""
    reason: str
    item: Item | None


@dataclass(frozen=True)
class RoundView:
    """One round of a document."""

    document: str
    title: str
    round: int
    failure: Failure | None
    reason: str
    feedback: str
    item: Item | None
    attempts: tuple[AttemptView, ...]
    advice: AdviceView | None = None
    shown: tuple[str, ...] = ()
    """The sections of a long document that were shown; empty if it was shown whole."""
    candidates: tuple[CandidateView, ...] = ()
    """Where a round has several challengers: what became of each."""

    def scores(self, solver: Solver) -> list[Fraction]:
        """The exact scores of a solver's attempts in the loop; empty if it was not run or one is invalid."""
        found = [attempt.score for attempt in self.attempts if attempt.solver == solver]
        return [] if None in found else [value for value in found if value is not None]


def rounds_of(
    connection: Connection, run: int, documents: list[str] | None = None, cut: Cut | None = None
) -> Iterator[RoundView]:
    """A run's rounds, by the documents' order and then by round; a few hundred documents are held at a time."""
    columns = t.documents.c
    query = select(columns.id, columns.title).where(columns.run == run).order_by(columns.position, columns.id)
    if documents is not None:
        query = query.where(columns.id.in_(documents))
    if cut is not None:
        query = query.where(cut.holds)
    titles = [(row.id, row.title) for row in connection.execute(query)]
    for start in range(0, len(titles), _DOCUMENTS_AT_ONCE):
        yield from _rounds(connection, run, dict(titles[start : start + _DOCUMENTS_AT_ONCE]))


def accepted_questions(connection: Connection, run: int) -> Iterator[tuple[str, str]]:
    """Each accepted document's id and question, in the documents' order."""
    outcomes, documents = t.outcomes.c, t.documents.c
    query = (
        select(outcomes.document, t.texts.c.body)
        .join(t.documents, (documents.run == outcomes.run) & (documents.id == outcomes.document))
        .join(t.items, t.items.c.hash == outcomes.item)
        .join(t.texts, t.texts.c.hash == t.items.c.body)
        .where(outcomes.run == run, outcomes.verdict == "accepted")
        .order_by(documents.position)
    )
    for row in connection.execute(query):
        yield row.document, Item.model_validate_json(unpack(row.body)).question


def recorded_novelty(connection: Connection, run: int, document: str, round: int, stage: str) -> str | None:
    """What was found of a question's novelty before: empty if it was new; None if nothing was recorded."""
    n = t.novelty.c
    place = (n.run == run, n.document == document, n.round == round, n.stage == stage)
    return connection.scalar(select(n.reason).where(*place))


def _rounds(connection: Connection, run: int, titles: dict[str, str]) -> Iterator[RoundView]:
    body, feedback, r, e = t.texts.alias(), t.texts.alias(), t.rounds.c, t.excerpts.c
    same_round = (e.run == r.run) & (e.document == r.document) & (e.round == r.round)
    query = (
        select(
            t.rounds,
            body.c.body.label("item_body"),
            feedback.c.body.label("feedback_body"),
            t.excerpts.c.sections.label("shown"),
        )
        .outerjoin(t.items, t.items.c.hash == t.rounds.c.item)
        .outerjoin(body, body.c.hash == t.items.c.body)
        .outerjoin(feedback, feedback.c.hash == t.rounds.c.feedback)
        .outerjoin(t.excerpts, same_round)
        .where(t.rounds.c.run == run, t.rounds.c.document.in_(titles))
    )
    rows = [row._mapping for row in connection.execute(query)]
    order = {document: at for at, document in enumerate(titles)}
    rows.sort(key=lambda row: (order[row["document"]], row["round"]))
    hashes = [row["item"] for row in rows if row["item"] is not None]
    attempts, advice = _attempts(connection, run, hashes), _advice(connection, run, hashes)
    candidates = _candidates(connection, run, titles)
    for row in rows:
        item = Item.model_validate_json(unpack(row["item_body"])) if row["item_body"] else None
        yield RoundView(
            document=row["document"],
            title=titles[row["document"]],
            round=row["round"],
            failure=Failure(row["failure"]) if row["failure"] else None,
            reason=row["reason"],
            feedback=unpack(row["feedback_body"]) if row["feedback_body"] else "",
            shown=tuple(row["shown"].split("\n")) if row["shown"] else (),
            item=item,
            attempts=tuple(_attempt(item, found) for found in attempts.get(row["item"], [])) if item else (),
            advice=advice.get(row["item"]) if item else None,
            candidates=tuple(candidates.get((row["document"], row["round"]), ())),
        )


def _attempts(connection: Connection, run: int, items: list[bytes]) -> dict[bytes, list[Row[Any]]]:
    """The loop's attempts at some items, each with its answer and judgment."""
    a, j = t.attempts.c, t.judgments.c
    answer, evidence = t.texts.alias(), t.texts.alias()
    same = (j.run == a.run) & (j.item == a.item) & (j.set == a.set) & (j.solver == a.solver) & (j.index == a.index)
    query = (
        select(t.attempts, j.met, answer.c.body.label("answer"), evidence.c.body.label("evidence"))
        .outerjoin(t.judgments, same)
        .join(t.calls, t.calls.c.key == a.call)
        .join(answer, answer.c.hash == t.calls.c.reply)
        .outerjoin(evidence, evidence.c.hash == j.evidence)
        .where(a.run == run, a.set == "loop", a.item.in_(items))
        .order_by(a.item, a.solver.desc(), a.index)
    )
    rows = connection.execute(query).all()
    return {bytes(item): list(group) for item, group in groupby(rows, key=lambda row: row.item)}


def _advice(connection: Connection, run: int, items: list[bytes]) -> dict[bytes, AdviceView]:
    """What a loop judge said of some items."""
    query = select(t.advice, t.texts.c.body.label("text")).join(t.texts, t.texts.c.hash == t.advice.c.body)
    rows = connection.execute(query.where(t.advice.c.run == run, t.advice.c.item.in_(items)))
    return {
        bytes(row.item): AdviceView(Advice(row.verdict, row.suitability), json.loads(unpack(row.text)))
        for row in rows
    }


def _candidates(
    connection: Connection, run: int, titles: dict[str, str]
) -> dict[tuple[str, int], list[CandidateView]]:
    """The candidates of some documents, by document and round."""
    c = t.candidates.c
    query = (
        select(t.candidates, t.texts.c.body)
        .outerjoin(t.items, t.items.c.hash == c.item)
        .outerjoin(t.texts, t.texts.c.hash == t.items.c.body)
        .where(c.run == run, c.document.in_(titles))
        .order_by(c.document, c.round, c.number)
    )
    found: dict[tuple[str, int], list[CandidateView]] = {}
    for row in connection.execute(query):
        item = Item.model_validate_json(unpack(row.body)) if row.body else None
        view = CandidateView(row.number, row.standing, row.reason, item)
        found.setdefault((row.document, row.round), []).append(view)
    return found


def _attempt(item: Item, row: Row[Any]) -> AttemptView:
    met = None if row.met is None else tuple(hit == "1" for hit in row.met)
    if met is not None:
        value: Fraction | None = score(item.rubric, met)
    else:
        value = None if row.status == AttemptStatus.INVALID else Fraction(0)
    return AttemptView(
        solver=row.solver,
        index=row._mapping["index"],
        status=row.status,
        met=met,
        evidence=tuple(unpack(row.evidence).split("\n")) if row.evidence else (),
        answer=unpack(row.answer),
        score=value,
    )

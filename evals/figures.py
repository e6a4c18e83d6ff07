"""What a run's documents came to, and the figures that are compared: each a ratio of two sums over documents."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import groupby
from statistics import pstdev
from typing import NamedTuple

import numpy as np
from sqlalchemy import Connection, func, select

from autodata.ledger import tables as t
from autodata.ledger.views import RoundView, rounds_of
from autodata.schemas import AttemptStatus, Failure
from evals.intervals import Ratio


@dataclass(frozen=True)
class Accepted:
    """What is compared of an accepted item."""

    weak: tuple[Fraction, ...]
    strong: tuple[Fraction, ...]
    rounds: int
    question_chars: int
    criteria: int

    @property
    def weak_mean(self) -> float:
        """The weak solver's mean score."""
        return float(sum(self.weak) / len(self.weak))

    @property
    def strong_mean(self) -> float:
        """The strong solver's mean score."""
        return float(sum(self.strong) / len(self.strong))


@dataclass(frozen=True)
class DocumentFigures:
    """One document's part in a run's figures."""

    document: str
    accepted: Accepted | None
    rounds: int
    failures: Mapping[str, int]
    attempts: int
    truncated: int
    calls: int = 0
    tokens: int = 0
    cost: float = 0.0


@dataclass
class Paid:
    """What a document's calls came to."""

    calls: int = 0
    tokens: int = 0
    cost: float = 0.0


def document_figures(connection: Connection, run: int) -> list[DocumentFigures]:
    """A run's documents that have a round, in their order."""
    paid = _paid(connection, run)
    by_document = groupby(rounds_of(connection, run), key=lambda view: view.document)
    return [_figures(document, list(views), paid.get(document, Paid())) for document, views in by_document]


def _figures(document: str, rounds: Sequence[RoundView], paid: Paid) -> DocumentFigures:
    attempts = [attempt for view in rounds for attempt in view.attempts]
    failures: dict[str, int] = {}
    for view in rounds:
        if view.failure is not None:
            failures[view.failure.value] = failures.get(view.failure.value, 0) + 1
    last = rounds[-1]
    return DocumentFigures(
        document=document,
        accepted=_accepted(last) if last.failure is None else None,
        rounds=len(rounds),
        failures=failures,
        attempts=len(attempts),
        truncated=sum(attempt.status == AttemptStatus.TRUNCATED for attempt in attempts),
        calls=paid.calls,
        tokens=paid.tokens,
        cost=paid.cost,
    )


def _accepted(view: RoundView) -> Accepted | None:
    weak, strong = view.scores("weak"), view.scores("strong")
    if view.item is None or not weak or not strong:
        return None
    return Accepted(tuple(weak), tuple(strong), view.round, len(view.item.question), len(view.item.rubric))


def _paid(connection: Connection, run: int) -> dict[str, Paid]:
    columns = t.calls.c
    query = (
        select(
            columns.document,
            func.count(),
            func.sum(columns.tokens_in + columns.tokens_out),
            func.sum(columns.cost),
        )
        .where(columns.run == run)
        .group_by(columns.document)
    )
    return {row[0]: Paid(int(row[1]), int(row[2]), float(row[3])) for row in connection.execute(query)}


Part = Callable[[DocumentFigures], float]


class Figure(NamedTuple):
    """A figure of the comparison: a name for scripts, words for people, and its two parts a document."""

    name: str
    words: str
    above: Part
    below: Part
    form: str = ".2f"
    published: str = ""
    """What the paper reports for single-shot and agentic computer-science items, where it does."""


def _of_accepted(part: Callable[[Accepted], float]) -> Part:
    return lambda one: part(one.accepted) if one.accepted else 0.0


def _one(document: DocumentFigures) -> float:
    return 1.0


def _is_accepted(document: DocumentFigures) -> float:
    return float(document.accepted is not None)


def _failed(document: DocumentFigures) -> float:
    """Rounds that failed for their question; an invalid one says nothing about it."""
    return float(sum(count for name, count in document.failures.items() if name != Failure.INVALID))


def _share_of(failure: Failure) -> Part:
    return lambda one: float(one.failures.get(failure.value, 0))


def _spread(accepted: Accepted) -> float:
    return pstdev(map(float, accepted.weak))


FIGURES: tuple[Figure, ...] = (
    Figure("yield", "accepted a document", _is_accepted, _one, ".1%"),
    Figure(
        "weak_mean", "weak mean", _of_accepted(lambda one: one.weak_mean), _is_accepted, ".1%", "67.7 / 45.8 %"
    ),
    Figure(
        "strong_mean",
        "strong mean",
        _of_accepted(lambda one: one.strong_mean),
        _is_accepted,
        ".1%",
        "69.6 / 77.2 %",
    ),
    Figure(
        "gap",
        "gap",
        _of_accepted(lambda one: one.strong_mean - one.weak_mean),
        _is_accepted,
        ".1%",
        "1.9 / 31.4 %",
    ),
    Figure("weak_spread", "spread of weak scores in an item", _of_accepted(_spread), _is_accepted, ".1%"),
    Figure(
        "weak_varies",
        "items whose weak scores vary",
        _of_accepted(lambda one: float(len(set(one.weak)) > 1)),
        _is_accepted,
        ".1%",
    ),
    Figure(
        "rounds",
        "rounds an accepted item",
        _of_accepted(lambda one: float(one.rounds)),
        _is_accepted,
        published="1.00 / 6.59",
    ),
    Figure(
        "question_chars",
        "characters a question",
        _of_accepted(lambda one: float(one.question_chars)),
        _is_accepted,
        ".0f",
        "723 / 619",
    ),
    Figure(
        "criteria",
        "criteria a rubric",
        _of_accepted(lambda one: float(one.criteria)),
        _is_accepted,
        ".1f",
        "13.2 / 13.1",
    ),
    Figure("too_easy", "too easy, of failed rounds", _share_of(Failure.TOO_EASY), _failed, ".1%", "- / 80 %"),
    Figure(
        "failed_on_strong",
        "failed on strong, of failed rounds",
        _share_of(Failure.FAILED_ON_STRONG),
        _failed,
        ".1%",
        "- / 13 %",
    ),
    Figure("failed_qv", "failed QV, of failed rounds", _share_of(Failure.FAILED_QV), _failed, ".1%", "- / 7 %"),
    Figure("not_novel", "not novel, of failed rounds", _share_of(Failure.NOT_NOVEL), _failed, ".1%"),
    Figure(
        "truncated",
        "truncated attempts",
        lambda one: float(one.truncated),
        lambda one: float(one.attempts),
        ".1%",
    ),
    Figure("calls", "calls an accepted item", lambda one: float(one.calls), _is_accepted, ".1f"),
    Figure("tokens", "tokens an accepted item", lambda one: float(one.tokens), _is_accepted, ",.0f"),
    Figure("cost_usd", "USD an accepted item", lambda one: one.cost, _is_accepted, ".4f"),
)


@dataclass(frozen=True)
class RunFigures:
    """A run as the comparison sees it."""

    name: str
    documents: Sequence[DocumentFigures]
    by_id: Mapping[str, DocumentFigures] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_id", {one.document: one for one in self.documents})

    def only(self, documents: Sequence[str]) -> "RunFigures":
        """The same run on some of its documents, in the order given."""
        return RunFigures(self.name, [self.by_id[document] for document in documents])

    def ratio(self, figure: Figure) -> Ratio:
        """A figure's two parts over the run's documents."""
        return Ratio(
            np.array([figure.above(one) for one in self.documents], dtype=np.float64),
            np.array([figure.below(one) for one in self.documents], dtype=np.float64),
        )

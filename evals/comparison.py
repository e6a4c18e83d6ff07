"""Compares runs figure by figure, with intervals, and says in words when they cannot be told apart."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from evals.figures import FIGURES, Figure, RunFigures
from evals.intervals import FEW_DOCUMENTS, Estimate, difference, estimate

MOSTLY_SHARED = 0.8
"""Two runs are compared pair by pair where they share at least this part of the smaller one's documents."""


class Row(NamedTuple):
    """One figure: an estimate a run, and every further run's difference from the first."""

    figure: Figure
    estimates: tuple[Estimate, ...]
    differences: tuple[Estimate, ...]


class Comparison(NamedTuple):
    """All figures of some runs; the first run is the baseline."""

    names: tuple[str, ...]
    documents: tuple[int, ...]
    accepted: tuple[int, ...]
    paired: tuple[int | None, ...]
    """For every further run, how many documents it shares with the first; None if they are compared unpaired."""
    rows: tuple[Row, ...]


def compare(runs: Sequence[RunFigures]) -> Comparison:
    """Every figure of every run, and its difference from the first run's."""
    first, *others = runs
    shared = [_shared(first, other) for other in others]
    rows = []
    for figure in FIGURES:
        differences = [
            difference(
                (first.only(common) if common else first).ratio(figure),
                (other.only(common) if common else other).ratio(figure),
                paired=common is not None,
            )
            for other, common in zip(others, shared, strict=True)
        ]
        rows.append(Row(figure, tuple(estimate(run.ratio(figure)) for run in runs), tuple(differences)))
    return Comparison(
        names=tuple(run.name for run in runs),
        documents=tuple(len(run.documents) for run in runs),
        accepted=tuple(sum(one.accepted is not None for one in run.documents) for run in runs),
        paired=tuple(None if common is None else len(common) for common in shared),
        rows=tuple(rows),
    )


def _shared(first: RunFigures, other: RunFigures) -> list[str] | None:
    """The documents of both, or None where they share too few to be compared pair by pair."""
    common = [one.document for one in first.documents if one.document in other.by_id]
    smaller = min(len(first.documents), len(other.documents))
    return common if common and len(common) >= MOSTLY_SHARED * smaller else None


def said(change: Estimate) -> str:
    """What a difference comes to, in words."""
    if change.value is None:
        return "not measured"
    if change.low is None or change.high is None:
        return f"can't tell, {change.documents} of at least {FEW_DOCUMENTS} documents"
    if not change.excludes_zero:
        return "can't tell"
    return "higher" if change.value > 0 else "lower"


def as_json(comparison: Comparison) -> dict[str, Any]:
    """The same for a script."""
    return {
        "runs": [
            {"run": name, "documents": documents, "accepted": accepted}
            for name, documents, accepted in zip(
                comparison.names, comparison.documents, comparison.accepted, strict=True
            )
        ],
        "paired_documents": list(comparison.paired),
        "figures": {
            row.figure.name: {
                "runs": [_estimate(one) for one in row.estimates],
                "differences": [{**_estimate(one), "said": said(one)} for one in row.differences],
            }
            for row in comparison.rows
        },
    }


def _estimate(one: Estimate) -> dict[str, Any]:
    return {"value": one.value, "low": one.low, "high": one.high, "documents": one.documents}

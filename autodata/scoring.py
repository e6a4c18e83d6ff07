"""Rubric arithmetic in exact fractions: from booleans to scores, and from scores to a tally."""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from autodata.schemas import Criterion


def score(rubric: Sequence[Criterion], met: Sequence[bool]) -> Fraction:
    """The clipped rubric score in [0, 1]: weights of the met criteria over the sum of positive weights.

    A met criterion of negative weight is a penalty and never enters the denominator. Source: PRBench's
    clipped score, which the paper uses for its legal evaluation (method reference, section 4.1).

    Raises:
        ValueError: if the rubric has no positive weight, or `met` has not one entry a criterion.
    """
    if len(met) != len(rubric):
        raise ValueError(f"{len(met)} verdicts for {len(rubric)} criteria; one a criterion is needed")
    attainable = sum(criterion.weight for criterion in rubric if criterion.weight > 0)
    if attainable == 0:
        raise ValueError("a rubric needs at least one criterion of positive weight")
    raw = sum(criterion.weight for criterion, hit in zip(rubric, met, strict=True) if hit)
    return min(max(Fraction(raw, attainable), Fraction(0)), Fraction(1))


class Tally(NamedTuple):
    """One solver's scores on one item, summed up."""

    attempts: int
    mean: Fraction
    best: Fraction
    worst: Fraction
    passes: Fraction
    """Share of the attempts with the full score."""


def tally(scores: Sequence[Fraction]) -> Tally:
    """Mean, extremes and share of full scores over all attempts; ValueError if there are none."""
    if not scores:
        raise ValueError("no attempts to tally")
    full = sum(1 for value in scores if value == 1)
    return Tally(
        attempts=len(scores),
        mean=sum(scores, Fraction(0)) / len(scores),
        best=max(scores),
        worst=min(scores),
        passes=Fraction(full, len(scores)),
    )

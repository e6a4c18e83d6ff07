"""Paired comparison: who wins on the same documents, when that is certain, and how sure a difference is."""

import math
from collections.abc import Callable, Sequence
from statistics import NormalDist
from typing import Literal, NamedTuple

Result = bool | None
"""Whether a document passed; None if it has not been run yet."""


def race(parent: Sequence[Result], child: Sequence[Result]) -> Literal["running", "won", "lost"]:
    """How a child stands against its parent, document by document, as far as both have been run.

    The child wins if it passes strictly more documents (the published rule). The bound is exact: `lost` means that
    it could not be strictly better any more if all that is left went its way, `won` that it could not be worse.
    """
    if len(parent) != len(child):
        raise ValueError("a paired race needs the same documents on both sides")
    lead = sum(map(bool, child)) - sum(map(bool, parent))
    child_left, parent_left = child.count(None), parent.count(None)
    if lead + child_left <= 0:
        return "lost"
    return "won" if lead - parent_left > 0 else "running"


class Difference(NamedTuple):
    """A difference of two pass rates on the same documents, with its interval; all as shares, not points."""

    value: float
    low: float
    high: float
    documents: int

    @property
    def shown(self) -> bool:
        """Whether the interval excludes that there is no improvement."""
        return self.low > 0

    def __str__(self) -> str:
        points = [f"{100 * value:+.1f}" for value in (self.value, self.low, self.high)]
        told = f"{points[0]} points [{points[1]}, {points[2]}] on {self.documents} documents"
        return told if self.shown else f"no improvement shown: {told}"


def difference(
    baseline: Sequence[bool], best: Sequence[bool], confidence: float = 0.95, comparisons: int = 1
) -> Difference:
    """How much more documents `best` passes, as a share, with a confidence interval.

    The interval is the hull of two: Tango's score interval for paired proportions, which covers the true
    difference about as often as it says (93 % at worst, for 95 %); and the exact binomial interval given the
    documents in which the two differ, which covers 0 at least that often whenever there is no difference.

    Args:
        baseline: whether each document passed.
        best: the same, for the other candidate, in the same order.
        confidence: of all comparisons together.
        comparisons: how many candidates were compared with the baseline, of which this one is reported.
    """
    if len(baseline) != len(best) or not baseline:
        raise ValueError("a paired comparison needs the same documents on both sides, at least one")
    n = len(baseline)
    gained = sum(after and not before for before, after in zip(baseline, best, strict=True))
    lost = sum(before and not after for before, after in zip(baseline, best, strict=True))
    error = (1 - confidence) / comparisons
    score, exact = _score_interval(gained, lost, n, error), _exact_interval(gained, lost, n, error)
    return Difference((gained - lost) / n, min(score[0], exact[0]), max(score[1], exact[1]), n)


def _score_interval(gained: int, lost: int, n: int, error: float) -> tuple[float, float]:
    """Tango's interval (1998): the differences that a score test of that error does not refuse."""
    z = NormalDist().inv_cdf(1 - error / 2)
    value = (gained - lost) / n

    def surplus(delta: float) -> float:
        return _score(gained, lost, n, delta)

    low = -1.0 if value <= -1 else _crossing(lambda delta: surplus(delta) > z, -1.0, value)
    high = 1.0 if value >= 1 else _crossing(lambda delta: surplus(delta) >= -z, value, 1.0)
    return low, high


def _score(gained: int, lost: int, n: int, delta: float) -> float:
    """The score statistic for a true difference `delta`, with the nuisance share at its likeliest under it."""
    a = 2 * n
    b = -gained - lost + (2 * n - gained + lost) * delta
    c = -lost * delta * (1 - delta)
    share = (math.sqrt(max(b * b - 4 * a * c, 0.0)) - b) / (2 * a)
    variance = n * (2 * share + delta * (1 - delta))
    distance = gained - lost - n * delta
    if variance <= 0:
        return 0.0 if distance == 0 else math.copysign(math.inf, distance)
    return distance / math.sqrt(variance)


def _exact_interval(gained: int, lost: int, n: int, error: float) -> tuple[float, float]:
    """Clopper and Pearson's interval for the share of gains among the differing documents, as a difference."""
    differing = gained + lost
    if not differing:
        return 0.0, 0.0
    low = 0.0
    if gained:
        low = _crossing(lambda p: _at_least(gained, differing, p) < error / 2, 0.0, gained / differing)
    high = 1.0
    if lost:
        high = _crossing(lambda p: _at_least(lost, differing, 1 - p) >= error / 2, gained / differing, 1.0)
    return (2 * low - 1) * differing / n, (2 * high - 1) * differing / n


def _at_least(successes: int, trials: int, chance: float) -> float:
    """The binomial tail: the chance of that many successes or more."""
    return math.fsum(
        math.comb(trials, k) * chance**k * (1 - chance) ** (trials - k) for k in range(successes, trials + 1)
    )


def _crossing(holds: Callable[[float], bool], low: float, high: float) -> float:
    """Where a condition that holds at `low` ceases to hold on the way to `high`."""
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return (low + high) / 2

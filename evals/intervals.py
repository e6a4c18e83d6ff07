"""Ratios over documents with 95 % intervals: what a run's figures are, and when two runs can be told apart."""

import math
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 4_000
CONFIDENCE = 0.95
FEW_DOCUMENTS = 5
"""Below it an interval would be no more than decoration."""

Numbers = NDArray[np.float64]


class Ratio(NamedTuple):
    """A figure as a quotient of two sums over documents, such as weak means over accepted items."""

    above: Numbers
    below: Numbers

    @property
    def value(self) -> float | None:
        """The quotient; None if it divides by nothing."""
        total = float(self.below.sum())
        return float(self.above.sum()) / total if total else None


class Estimate(NamedTuple):
    """A figure with its interval; the bounds are None where too few documents say anything."""

    value: float | None
    low: float | None
    high: float | None
    documents: int
    """How many documents count in it."""

    @property
    def excludes_zero(self) -> bool:
        """Whether a difference is told from none."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


def estimate(ratio: Ratio, seed: int = 0) -> Estimate:
    """A figure and its interval, by resampling documents."""
    counted = int(np.count_nonzero(ratio.below))
    if ratio.value is None or counted < FEW_DOCUMENTS:
        return Estimate(ratio.value, None, None, counted)
    if _is_share(ratio):
        return Estimate(ratio.value, *wilson(int(ratio.above.sum()), counted), counted)
    return Estimate(ratio.value, *_bounds(_resampled(ratio, _weights(len(ratio.below), seed)), counted), counted)


def difference(first: Ratio, second: Ratio, paired: bool, seed: int = 0) -> Estimate:
    """Second minus first.

    Args:
        first: the baseline's figure.
        second: the other's.
        paired: whether both list the same documents in the same order; they are then resampled together.
        seed: of the resampling.
    """
    counted = min(int(np.count_nonzero(one.below)) for one in (first, second))
    if first.value is None or second.value is None:
        return Estimate(None, None, None, counted)
    value = second.value - first.value
    if counted < FEW_DOCUMENTS:
        return Estimate(value, None, None, counted)
    weights = _weights(len(first.below), seed)
    others = weights if paired else _weights(len(second.below), seed + 1)
    return Estimate(value, *_bounds(_resampled(second, others) - _resampled(first, weights), counted), counted)


def _is_share(ratio: Ratio) -> bool:
    """Whether each document counts once, with yes or no."""
    return bool(np.isin(ratio.below, (0, 1)).all() and np.isin(ratio.above, (0, 1)).all())


def wilson(hits: int, of: int) -> tuple[float, float]:
    """Wilson's interval of a share: resampling would say that 24 of 24 is certainly all."""
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    share = hits / of
    middle = (share + z**2 / (2 * of)) / (1 + z**2 / of)
    reach = z * math.sqrt(share * (1 - share) / of + z**2 / (4 * of**2)) / (1 + z**2 / of)
    return max(0.0, middle - reach), min(1.0, middle + reach)


def _weights(documents: int, seed: int) -> Numbers:
    """How often each document is drawn, a row a resample."""
    source = np.random.default_rng(seed)
    return source.multinomial(documents, np.full(documents, 1 / documents), size=RESAMPLES).astype(np.float64)


def _resampled(ratio: Ratio, weights: Numbers) -> Numbers:
    below = weights @ ratio.below
    with np.errstate(invalid="ignore", divide="ignore"):
        quotient: Numbers = (weights @ ratio.above) / below
    return quotient


def _bounds(values: Numbers, documents: int) -> tuple[float | None, float | None]:
    """The expanded percentile interval.

    Plain percentiles are too narrow for few documents, by the factor of the normal for the t distribution and of
    n for n - 1; the expanded ones undo both (Hesterberg 2015, "What teachers should know about the bootstrap").
    """
    drawn = values[np.isfinite(values)]
    if not len(drawn):
        return None, None
    spread = math.sqrt(documents / (documents - 1)) * student_quantile((1 + CONFIDENCE) / 2, documents - 1)
    tail = NormalDist().cdf(-spread)
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return float(low), float(high)


def student_quantile(share: float, freedom: int) -> float:
    """A quantile of Student's t by its expansion around the normal one; within 1 % from 4 degrees of freedom."""
    z = NormalDist().inv_cdf(share)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return z + math.fsum(term / freedom**power for power, term in enumerate(terms, start=1))

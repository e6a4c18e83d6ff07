"""Intervals cover the truth as often as they say, and admit when there is too little to go by."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.intervals import FEW_DOCUMENTS, Ratio, difference, estimate, student_quantile, wilson


def beta_gaps(source: np.random.Generator, documents: int) -> Ratio:
    """Scores of the accepted ones among some documents; the true mean is 2/7."""
    accepted = source.binomial(1, 0.7, documents).astype(float)
    return Ratio(accepted * source.beta(2, 5, documents), accepted)


@pytest.mark.parametrize("documents", [15, 40])
def test_intervals_cover_the_truth(documents: int) -> None:
    source = np.random.default_rng(5)
    runs = 200
    covered = told = 0
    for seed in range(runs):
        first, second = beta_gaps(source, documents), beta_gaps(source, documents)
        found = estimate(first, seed)
        assert found.low is not None and found.high is not None
        covered += found.low <= 2 / 7 <= found.high
        told += difference(first, second, paired=True, seed=seed).excludes_zero
    assert covered >= 0.9 * runs
    assert told <= 0.1 * runs, "two equal runs must hardly ever be told apart"


def test_a_real_difference_is_found_and_pairing_helps() -> None:
    source = np.random.default_rng(1)
    hard = source.beta(2, 2, 60)
    one = np.ones(60)
    first, second = Ratio(hard, one), Ratio(np.clip(hard + 0.05 + source.normal(0, 0.03, 60), 0, 1), one)
    paired, unpaired = difference(first, second, paired=True), difference(first, second, paired=False)
    assert paired.excludes_zero and not unpaired.excludes_zero
    assert paired.value == pytest.approx(unpaired.value)


def test_few_documents_give_no_interval() -> None:
    few = Ratio(np.ones(FEW_DOCUMENTS - 1), np.ones(FEW_DOCUMENTS - 1))
    assert estimate(few).value == 1 and estimate(few).low is None
    assert difference(few, few, paired=True).low is None
    nothing = Ratio(np.zeros(9), np.zeros(9))
    assert estimate(nothing).value is None and difference(nothing, nothing, paired=True).value is None


def test_a_full_share_is_not_certain() -> None:
    found = estimate(Ratio(np.ones(24), np.ones(24)))
    assert found.value == 1 and found.low == pytest.approx(0.862, abs=0.001) and found.high == 1
    assert wilson(0, 10)[1] == pytest.approx(0.2775, abs=0.0005)  # a published table's value


@given(st.integers(5, 60), st.integers(0, 1000))
def test_an_interval_holds_its_figure(documents: int, seed: int) -> None:
    ratio = beta_gaps(np.random.default_rng(seed), documents)
    found = estimate(ratio, seed)
    if found.low is not None and found.high is not None and found.value is not None:
        assert found.low <= found.value <= found.high


@pytest.mark.parametrize(("freedom", "known"), [(4, 2.776), (9, 2.262), (23, 2.069), (100, 1.984)])
def test_student_quantile(freedom: int, known: float) -> None:
    assert student_quantile(0.975, freedom) == pytest.approx(known, rel=0.01)

"""Racing: an early verdict is never wrong, and the interval covers the truth as often as it says."""

import math
import random
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.optimizer.racing import Result, difference, race

PAIRS = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=30)


@given(PAIRS, st.data())
def test_an_early_verdict_is_the_final_one(pairs: list[tuple[bool, bool]], data: st.DataObject) -> None:
    parent = [before for before, _ in pairs]
    child = [after for _, after in pairs]
    final = "won" if sum(child) > sum(parent) else "lost"
    assert race(parent, child) == final
    hidden = st.lists(st.booleans(), min_size=len(pairs), max_size=len(pairs))
    seen_parent: list[Result] = [None if h else p for h, p in zip(data.draw(hidden), parent, strict=True)]
    seen_child: list[Result] = [None if h else c for h, c in zip(data.draw(hidden), child, strict=True)]
    assert race(seen_parent, seen_child) in ("running", final)


@given(PAIRS)
def test_the_bound_is_exact_it_stops_as_soon_as_nothing_can_change(pairs: list[tuple[bool, bool]]) -> None:
    parent: list[Result] = [before for before, _ in pairs]
    for known in range(len(pairs) + 1):
        child: list[Result] = [after for _, after in pairs[:known]]
        left = len(pairs) - known
        best = race(parent, [*child, *[True] * left])
        worst = race(parent, [*child, *[False] * left])
        assert race(parent, [*child, *[None] * left]) == (best if best == worst else "running")


def test_a_difference_says_how_sure_it_is() -> None:
    base = [True] * 40 + [False] * 60
    better = [True] * 65 + [False] * 35
    found = difference(base, better)
    assert found.value == 0.25 and found.shown and 0.15 < found.low < 0.2 < 0.3 < found.high < 0.36
    assert str(found).startswith("+25.0 points [+1")
    same = difference(base, base)
    assert same.value == 0 and not same.shown and str(same).startswith("no improvement shown")


@given(PAIRS, st.integers(1, 5))
def test_the_interval_holds_its_difference_and_mirrors_with_its_sides(
    pairs: list[tuple[bool, bool]], comparisons: int
) -> None:
    before, after = [p for p, _ in pairs], [c for _, c in pairs]
    found = difference(before, after, comparisons=comparisons)
    assert -1 <= found.low <= found.value <= found.high <= 1
    mirrored = difference(after, before, comparisons=comparisons)
    assert math.isclose(mirrored.low, -found.high, abs_tol=1e-6)
    assert math.isclose(mirrored.high, -found.low, abs_tol=1e-6)
    alone = difference(before, after)
    assert found.low <= alone.low + 1e-9 and found.high >= alone.high - 1e-9, "more comparisons, a wider interval"


def outcomes(n: int, gain: float, loss: float) -> Iterator[tuple[int, int, float]]:
    """Every number of gained and lost documents, with its chance."""
    same = 1 - gain - loss
    for gained in range(n + 1):
        for lost in range(n + 1 - gained):
            ways = math.comb(n, gained) * math.comb(n - gained, lost)
            yield gained, lost, ways * gain**gained * loss**lost * same ** (n - gained - lost)


RATES = [0.02, 0.05, 0.1, 0.2, 0.3, 0.45]


@pytest.mark.parametrize("n", [8, 20])
def test_the_interval_covers_the_truth_as_often_as_it_says(n: int) -> None:
    """Exact, by counting every outcome: at least 95 % where there is no difference, at least 93 % anywhere."""
    found = {}
    for gained in range(n + 1):
        for lost in range(n + 1 - gained):
            same = [True] * (n - gained - lost)
            before, after = [False] * gained + [True] * lost, [True] * gained + [False] * lost
            found[gained, lost] = difference(before + same, after + same)
    for gain in RATES:
        for loss in RATES:
            truth = gain - loss
            covered = math.fsum(
                chance
                for gained, lost, chance in outcomes(n, gain, loss)
                if found[gained, lost].low - 1e-9 <= truth <= found[gained, lost].high + 1e-9
            )
            assert covered >= (0.95 if gain == loss else 0.93), (gain, loss, covered)


def test_forty_null_races_cover_zero_in_at_least_thirty_six() -> None:
    source = random.Random(2026)
    for rate in (0.3, 0.62, 0.8):
        covered = 0
        for _ in range(40):
            before, after = ([source.random() < rate for _ in range(50)] for _ in range(2))
            covered += difference(before, after).low <= 0 <= difference(before, after).high
        assert covered >= 36

"""Rubric arithmetic: the worked example to the letter, and what holds for any rubric."""

from fractions import Fraction as F
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.schemas import Criterion
from autodata.scoring import score, tally

POSITIVE = (8, 7, 6, 6, 5, 4, 4)
NEGATIVE = (-6, -5, -3)


def rubric(*weights: int) -> tuple[Criterion, ...]:
    return tuple(Criterion(criterion=f"c{at}", weight=weight) for at, weight in enumerate(weights, 1))


def met(count: int, *numbers: int) -> list[bool]:
    return [at in numbers for at in range(1, count + 1)]


# Method reference 4.2: numbers 1 to 7 are c1..c7, 8 to 10 are n1..n3.
WORKED = {
    "W1": ((1, 2, 5, 6, 8), F(18, 40)),
    "W2": ((3, 4, 6, 7), F(20, 40)),
    "W3": ((1, 5, 6, 9), F(12, 40)),
    "S1": ((1, 2, 3, 4, 5), F(32, 40)),
    "S2": ((1, 2, 3, 6, 7, 10), F(26, 40)),
    "S3": ((1, 2, 3, 4, 6, 7, 9), F(30, 40)),
}


@pytest.mark.parametrize(("numbers", "expected"), WORKED.values(), ids=WORKED)
def test_worked_example(numbers: tuple[int, ...], expected: F) -> None:
    assert score(rubric(*POSITIVE, *NEGATIVE), met(10, *numbers)) == expected


def test_worked_example_tallies() -> None:
    weak = tally([WORKED[name][1] for name in ("W1", "W2", "W3")])
    strong = tally([WORKED[name][1] for name in ("S1", "S2", "S3")])
    assert (weak.mean, weak.best, weak.worst) == (F(50, 120), F(1, 2), F(3, 10))
    assert (strong.mean, strong.worst, strong.mean - weak.mean) == (F(88, 120), F(65, 100), F(38, 120))


def test_penalties_clip_at_zero() -> None:
    assert score(rubric(*POSITIVE, *NEGATIVE), met(10, 3, 8, 9)) == 0


def test_positive_only_variant() -> None:
    weights = rubric(7, 7, 6, 6, 5, 4, 4)
    weak = [score(weights, met(7, *n)) for n in ((1, 2, 5, 6), (3, 4, 6, 7), (1, 5, 6))]
    strong = [score(weights, met(7, *n)) for n in ((1, 2, 3, 4, 5), (1, 2, 3, 6, 7), (1, 2, 3, 4, 6, 7))]
    assert [round(float(value), 3) for value in weak] == [0.59, 0.513, 0.41]
    assert [round(float(value), 3) for value in strong] == [0.795, 0.718, 0.872]
    assert round(float(tally(weak).mean), 3) == 0.504
    assert round(float(tally(strong).mean - tally(weak).mean), 3) == 0.291


@pytest.mark.parametrize(("weights", "verdicts"), [((-3, -2), (False, False)), ((3,), (True, False)), ((), ())])
def test_a_rubric_that_cannot_be_scored_is_refused(weights: tuple[int, ...], verdicts: tuple[bool, ...]) -> None:
    with pytest.raises(ValueError, match=r"criteri|positive"):
        score(rubric(*weights), verdicts)


def test_no_attempts_have_no_tally() -> None:
    with pytest.raises(ValueError, match="no attempts"):
        tally([])


weights = st.lists(st.integers(-10, 10).filter(bool), min_size=1, max_size=20).filter(lambda w: max(w) > 0)


@given(weights, st.data())
def test_scores_are_between_zero_and_one_and_a_met_positive_never_lowers_them(
    given_weights: list[int], data: st.DataObject
) -> None:
    verdicts = data.draw(st.lists(st.booleans(), min_size=len(given_weights), max_size=len(given_weights)))
    value = score(rubric(*given_weights), verdicts)
    assert 0 <= value <= 1
    for at, weight in enumerate(given_weights):
        more = [*verdicts[:at], True, *verdicts[at + 1 :]]
        changed = score(rubric(*given_weights), more)
        assert changed >= value if weight > 0 else changed <= value


@given(st.lists(st.fractions(0, 1), min_size=1, max_size=8), st.randoms())
def test_a_tally_does_not_depend_on_the_order(values: list[F], shuffle: Random) -> None:
    mixed = list(values)
    shuffle.shuffle(mixed)
    assert tally(mixed) == tally(values)

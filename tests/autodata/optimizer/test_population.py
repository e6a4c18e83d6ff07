"""The population: chances are a distribution that follows the scores, and evaluations are averaged exactly."""

import math
import random
from collections import Counter
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.optimizer.population import Member, Population, boltzmann

SCORES = st.lists(st.floats(0, 1), min_size=1, max_size=12)
TEMPERATURES = st.sampled_from([0.0, 5e-324, 1e-300, 1e-6, 0.1, 1.0, 1e300])
COUNTS = st.integers(1, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(SCORES, TEMPERATURES)
def test_chances_are_a_distribution_in_the_order_of_the_scores(scores: list[float], temperature: float) -> None:
    chances = boltzmann(scores, temperature)
    assert math.isclose(math.fsum(chances), 1) and all(0 <= chance <= 1 for chance in chances)
    by_score = sorted(zip(scores, chances, strict=True))
    assert all(low[1] <= high[1] for low, high in pairwise(by_score))


@given(SCORES, st.floats(-1e6, 1e6))
def test_only_differences_of_scores_matter(scores: list[float], shift: float) -> None:
    near = [round(score, 3) for score in scores]
    moved = boltzmann([score + round(shift) for score in near], 0.1)
    assert all(math.isclose(a, b, abs_tol=1e-6) for a, b in zip(boltzmann(near, 0.1), moved, strict=True))


@pytest.mark.parametrize(("lead", "times"), [(0.05, 1.65), (0.10, 2.72), (0.175, 5.75)])
def test_the_published_temperature_gives_the_published_pressure(lead: float, times: float) -> None:
    low, high = boltzmann([0.5, 0.5 + lead], 0.1)
    assert high / low == pytest.approx(times, rel=0.01)


def test_parents_are_chosen_as_often_as_their_chances_say() -> None:
    population = Population()
    for id, passed in (("a", 10), ("b", 12), ("c", 15)):
        population.enter(Member(id, None).evaluated(passed, 25))
    source = random.Random(7)
    drawn = Counter(population.choose(source).id for _ in range(4_000))
    expected = boltzmann([0.4, 0.48, 0.6], 0.1)
    for id, chance in zip("abc", expected, strict=True):
        assert drawn[id] / 4_000 == pytest.approx(chance, abs=0.03)


@given(st.lists(COUNTS, min_size=1, max_size=6))
def test_every_evaluation_is_averaged_in_and_survives_the_file(counts: list[tuple[int, int]]) -> None:
    member = Member("a", None)
    for passed, documents in counts:
        member = member.evaluated(passed, documents)
    assert member.evaluations == len(counts)
    assert member.score == Fraction(sum(p for p, _ in counts), sum(n for _, n in counts))
    population = Population({"a": member})
    assert Population.of_json(population.as_json()) == population


def test_the_lineage_runs_from_the_baseline_down() -> None:
    population = Population()
    for id, parent in (("base", None), ("b", "base"), ("c", "b"), ("d", "base")):
        population.enter(Member(id, parent).evaluated(1, 2))
    assert population.lineage("c") == ["base", "b", "c"]


@pytest.mark.parametrize(("passed", "documents"), [(3, 2), (-1, 2)])
def test_counts_that_cannot_be_are_refused(passed: int, documents: int) -> None:
    with pytest.raises(ValueError):
        Member("a", None).evaluated(passed, documents)

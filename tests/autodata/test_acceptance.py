"""The policies: every row of the edge-case table, and what holds for all scores.

I1: the order of attempts does not matter. I2: in `prose` a higher weak score never turns reject into accept; in
`deployed` it can, by its no-zero rule and by no other. I3: the weak gate's early verdict equals the full one.
"""

from collections.abc import Sequence
from fractions import Fraction as F

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.acceptance import POLICIES, Policy, decide, policy_named, weak_gate
from autodata.errors import UsageError
from autodata.schemas import Failure

PROSE, DEPLOYED, COUNTS = POLICIES["prose"], POLICIES["deployed"], POLICIES["counts"]


def f(*texts: str) -> list[F]:
    return [F(text) for text in texts]


LOW = f("0.3", "0.3", "0.3")
GOOD = f("0.8", "0.8", "0.8")

# Method reference 5.5: weak scores, strong scores, what prose and deployed say.
EDGE_CASES = {
    "weak mean exactly .50": (f("0.5", "0.5", "0.5"), GOOD, False, True),
    "weak mean exactly .65": (f("0.65", "0.65", "0.65"), f("0.9", "0.9", "0.9"), False, True),
    "weak best exactly .75": (f("0.75", "0.2", "0.2"), GOOD, True, True),
    "weak best above .75": (f("0.76", "0.2", "0.2"), GOOD, True, False),
    "strong mean exactly .60": (LOW, f("0.6", "0.6", "0.6"), False, True),
    "strong mean exactly .65": (LOW, f("0.65", "0.65", "0.65"), True, True),
    "strong mean exactly .95": (LOW, f("0.95", "0.95", "0.95"), True, False),
    "gap exactly .20": (f("0.45", "0.45", "0.45"), f("0.65", "0.65", "0.65"), True, True),
    "gap exactly .20, at .50 and .70": (f("0.5", "0.5", "0.5"), f("0.7", "0.7", "0.7"), False, True),
    "gap below .20": (f("0.49", "0.49", "0.49"), f("0.68", "0.68", "0.68"), False, False),
    "one weak attempt 0": (f("0", "0.6", "0.6"), GOOD, True, False),
    "all weak attempts 0": (f("0", "0", "0"), GOOD, True, False),
    "one strong attempt 0": (f("0.1", "0.1", "0.1"), f("0", "1", "1"), True, False),
    "worked example 4.2": (f("0.45", "0.5", "0.3"), f("0.8", "0.65", "0.75"), True, True),
}


@pytest.mark.parametrize(("weak", "strong", "prose", "deployed"), EDGE_CASES.values(), ids=EDGE_CASES)
def test_edge_cases(weak: list[F], strong: list[F], prose: bool, deployed: bool) -> None:
    assert decide(PROSE, weak, strong).accepted is prose
    assert decide(DEPLOYED, weak, strong).accepted is deployed


@pytest.mark.parametrize(
    ("weak", "strong", "accepted"),
    [(0, 3, True), (1, 3, True), (1, 4, True), (2, 4, False), (1, 2, False), (0, 4, True), (4, 0, False)],
)
def test_counts_are_exact(weak: int, strong: int, accepted: bool) -> None:
    assert decide(COUNTS, _passes(weak), _passes(strong)).accepted is accepted


def _passes(count: int, of: int = 4) -> list[F]:
    return [F(1)] * count + [F(0)] * (of - count)


def test_counts_on_other_numbers_of_attempts_keep_their_shares() -> None:
    eight = COUNTS.with_attempts(weak=8, strong=8)
    assert decide(eight, _passes(2, 8), _passes(6, 8)).accepted
    assert not decide(eight, _passes(3, 8), _passes(6, 8)).accepted
    assert not decide(eight, _passes(2, 8), _passes(5, 8)).accepted


def test_failures_are_named_after_the_gate_that_failed() -> None:
    assert decide(PROSE, GOOD, GOOD).failure is Failure.TOO_EASY
    assert decide(PROSE, LOW, LOW).failure is Failure.FAILED_ON_STRONG
    assert str(decide(PROSE, GOOD, GOOD).missed[0]) == "mean 0.8, needs < 0.5"


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
def test_fewer_attempts_than_configured_never_decide(policy: Policy) -> None:
    some = [F(1, 4)] * policy.weak_attempts
    with pytest.raises(ValueError, match="scores where the policy needs"):
        weak_gate(policy, some[1:])
    with pytest.raises(ValueError, match="scores where the policy needs"):
        decide(policy, some, some[1:])


def test_an_unknown_policy_lists_the_known() -> None:
    with pytest.raises(UsageError, match="known: prose, deployed, counts, legal"):
        policy_named("prosa")


def test_the_hash_covers_limits_and_attempts() -> None:
    hashes = {policy.hash for policy in POLICIES.values()} | {PROSE.with_attempts(weak=5).hash}
    assert len(hashes) == len(POLICIES) + 1
    assert PROSE.with_attempts(weak=3).hash == PROSE.hash


three = st.lists(st.fractions(0, 1, max_denominator=40), min_size=3, max_size=3)
rubric_policies = st.sampled_from([PROSE, DEPLOYED])


@given(rubric_policies, three, three, st.permutations(range(3)), st.permutations(range(3)))
def test_i1_the_order_of_attempts_does_not_matter(
    policy: Policy, weak: list[F], strong: list[F], w: Sequence[int], s: Sequence[int]
) -> None:
    assert decide(policy, weak, strong) == decide(policy, [weak[at] for at in w], [strong[at] for at in s])


@given(three, three, st.integers(0, 2), st.fractions(0, 1, max_denominator=40))
def test_i2_in_prose_a_higher_weak_score_never_turns_reject_into_accept(
    weak: list[F], strong: list[F], at: int, more: F
) -> None:
    higher = [*weak[:at], max(weak[at], more), *weak[at + 1 :]]
    if decide(PROSE, higher, strong).accepted:
        assert decide(PROSE, weak, strong).accepted


@given(three, three, st.integers(0, 2), st.fractions(0, 1, max_denominator=40))
def test_i2_in_deployed_only_the_no_zero_rule_can(weak: list[F], strong: list[F], at: int, more: F) -> None:
    higher = [*weak[:at], max(weak[at], more), *weak[at + 1 :]]
    if decide(DEPLOYED, higher, strong).accepted and not decide(DEPLOYED, weak, strong).accepted:
        assert weak[at] == 0
        assert all(missed.condition.measure == "worst" for missed in decide(DEPLOYED, weak, strong).missed)


def test_i2_the_exception_of_deployed_exists() -> None:
    assert not decide(DEPLOYED, f("0", "0.3", "0.3"), GOOD).accepted
    assert decide(DEPLOYED, f("0.1", "0.3", "0.3"), GOOD).accepted


@given(rubric_policies, three, three)
def test_i3_the_early_verdict_equals_the_full_one(policy: Policy, weak: list[F], strong: list[F]) -> None:
    early, full = weak_gate(policy, weak), decide(policy, weak, strong)
    if early.accepted:
        assert full.failure is not Failure.TOO_EASY
    else:
        assert full == early

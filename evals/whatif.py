"""Another policy, or other thresholds, on a run's stored evidence: no call is asked and nothing is guessed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import groupby
from typing import Literal, NamedTuple

from sqlalchemy import Connection, select

from autodata.acceptance import Condition, Policy, advice_allows, decide, weak_gate
from autodata.errors import UsageError
from autodata.ledger import tables as t
from autodata.ledger.views import RoundView, rounds_of
from autodata.schemas import Failure

Side = Literal["weak", "strong"]

# What a limit is called on the command line: its solver, what it bounds, and the sign it has where it is new.
LIMITS: Mapping[str, tuple[Side, str, str]] = {
    "weak_max": ("weak", "mean", "<="),
    "weak_best_max": ("weak", "best", "<="),
    "weak_passes_max": ("weak", "passes", "<="),
    "strong_min": ("strong", "mean", ">="),
    "strong_max": ("strong", "mean", "<"),
    "strong_passes_min": ("strong", "passes", ">="),
    "gap_min": ("strong", "gap", ">="),
}

Outcome = Literal["accepted", "unaudited", "unknown", "rejected"]
"""`unaudited`: the thresholds hold, but the audit was never made; `unknown`: the strong attempts were not."""

# These failures have nothing to do with thresholds: they stay whatever the policy is.
_LASTING = frozenset({Failure.INVALID, Failure.NOT_NOVEL})


class WhatIf(NamedTuple):
    """What another policy would have made of a document."""

    document: str
    outcome: Outcome
    round: int
    """The round that decides; the last one if none does."""
    rounds: int
    """Those that the run really made."""
    gap: Fraction | None


def with_limit(policy: Policy, name: str, limit: Fraction) -> Policy:
    """The policy with one limit changed, or added where it has none of the kind.

    Raises:
        UsageError: if there is no limit of that name.
    """
    if name not in LIMITS:
        raise UsageError(f"no limit {name!r}; known: {', '.join(LIMITS)}")
    side, measure, sign = LIMITS[name]
    conditions: tuple[Condition, ...] = getattr(policy, side)
    old = [one for one in conditions if one.measure == measure and one.sign[0] == sign[0]]
    kept = tuple(one for one in conditions if one not in old)
    fresh = Condition.parse(f"{measure} {old[0].sign if old else sign} 0")._replace(limit=limit)
    changed = (*kept, fresh)
    return replace(policy, weak=changed) if side == "weak" else replace(policy, strong=changed)


def what_if(connection: Connection, run: int, policies: Sequence[Policy]) -> list[list[WhatIf]]:
    """For each policy, what it would have made of each document that has a round."""
    refused, unaudited = _checks(connection, run)
    found: list[list[WhatIf]] = [[] for _ in policies]
    for _, views in groupby(rounds_of(connection, run), key=lambda view: view.document):
        rounds = list(views)
        for policy, outcomes in zip(policies, found, strict=True):
            outcomes.append(replay(rounds, policy, refused, unaudited))
    return found


def replay(
    rounds: Sequence[RoundView], policy: Policy, refused: frozenset[bytes], unaudited: frozenset[bytes]
) -> WhatIf:
    """The first of a document's rounds that the policy accepts, or cannot judge."""
    for view in rounds:
        outcome = _round_outcome(view, policy, refused, unaudited)
        if outcome != "rejected":
            return WhatIf(view.document, outcome, view.round, len(rounds), _gap(view))
    return WhatIf(rounds[-1].document, "rejected", rounds[-1].round, len(rounds), None)


def _round_outcome(
    view: RoundView, policy: Policy, refused: frozenset[bytes], unaudited: frozenset[bytes]
) -> Outcome:
    weak, strong = view.scores("weak"), view.scores("strong")
    if view.item is None or view.failure in _LASTING or not weak:
        return "rejected"
    item = bytes.fromhex(view.item.hash)
    if item in refused or _advised_against(view, policy):
        return "rejected"
    sized = policy.with_attempts(len(weak), len(strong) or policy.strong_attempts)
    if not weak_gate(sized, weak).accepted:
        return "rejected"
    if not strong:
        return "unknown"
    if not decide(sized, weak, strong).accepted:
        return "rejected"
    return "unaudited" if item in unaudited else "accepted"


def _advised_against(view: RoundView, policy: Policy) -> bool:
    """Whether a loop judge, or code for its rubric, refused the item; or none was asked where one is needed."""
    if view.advice is None:
        return bool(policy.suitability)
    return view.failure is Failure.FAILED_QV or not advice_allows(policy, view.advice.advice)


def _gap(view: RoundView) -> Fraction | None:
    weak, strong = view.scores("weak"), view.scores("strong")
    if not weak or not strong:
        return None
    return sum(strong, Fraction(0)) / len(strong) - sum(weak, Fraction(0)) / len(weak)


def _checks(connection: Connection, run: int) -> tuple[frozenset[bytes], frozenset[bytes]]:
    """Items that a quality check refused, and those that a model checked before the solvers but not after."""
    checks = t.checks.c
    rows = connection.execute(select(checks.item, checks.stage, checks.passed).where(checks.run == run)).all()
    refused = frozenset(bytes(row.item) for row in rows if not row.passed)
    first, second = (frozenset(bytes(row.item) for row in rows if row.stage == stage) for stage in _STAGES)
    return refused, first - second


_STAGES = ("quality", "audit")


def steps(text: str) -> Iterator[Fraction]:
    """The values of a sweep `low:high:step`, both ends included; exact.

    Raises:
        UsageError: if it is not of that form.
    """
    try:
        low, high, step = (Fraction(part) for part in text.split(":"))
    except (ValueError, ZeroDivisionError):
        raise UsageError(f"{text!r} is no sweep; give low:high:step, such as 0.3:0.7:0.05") from None
    if step <= 0 or high < low or (high - low) / step > 1_000:
        raise UsageError(f"{text!r} is no sweep; low must not pass high, and a step must be positive")
    while low <= high:
        yield low
        low += step

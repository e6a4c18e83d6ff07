"""How a round stands, recomputed from its evidence alone: the one place where a round fails or passes."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Literal, NamedTuple

from typing_extensions import TypedDict

from autodata.acceptance import BETWEEN, Advice, Decision, Policy, Suitability, advice_allows, decide, weak_gate
from autodata.schemas import AttemptStatus, Failure, Item, Solver
from autodata.scoring import score, tally

SHOWN_CHARS = 700
"""The longest question or reason in the state; a checkpoint stays small however long a model's texts are."""


class AttemptLine(TypedDict):
    """An attempt as the state shows it; the whole answer is in the ledger under `call`."""

    item: str
    """The first characters of the hash of the item that was attempted."""
    solver: Solver
    index: int
    status: str
    met: str
    """A 1 or 0 a criterion, in rubric order; empty if no judge was asked."""
    score: str
    """Exact, as `p/q`; empty if the attempt is invalid. For reading: verdicts are recomputed from `met`."""
    text: str
    """First and last words of the answer."""
    call: str


class QualityLine(TypedDict):
    """A quality verdict as the state shows it."""

    item: str
    passed: bool
    issues: list[str]
    suggestion: str


class AdviceLine(TypedDict):
    """A loop judge's verdict as the state shows it; the whole answer is in the ledger."""

    item: str
    verdict: Literal["accept", "improve"]
    suitability: Suitability
    reason: str
    suggestion: str


class ProblemLine(TypedDict):
    """Why a round has no item, or why its item is refused before any solver is asked."""

    failure: str
    reason: str


def problem_line(failure: Failure, reason: str) -> ProblemLine:
    """A problem in plain text, as a checkpoint keeps it."""
    return ProblemLine(failure=failure.value, reason=shown(reason))


class RoundEntry(TypedDict):
    """A past round as the state and the output show it."""

    round: int
    question: str
    failure: str | None
    weak_mean: float | None
    strong_mean: float | None
    feedback: str
    """What the failure came down to, in one line; empty for the accepted round."""


class Evidence(NamedTuple):
    """Everything that a round's standing depends on; None or empty where the round has not come that far."""

    item: Item | None
    problem: ProblemLine | None
    quality: QualityLine | None
    weak: Sequence[AttemptLine]
    strong: Sequence[AttemptLine]
    audit: QualityLine | None
    advice: AdviceLine | None = None


Note = Literal["", "zero", "trivial"]
"""What the scores say beside too easy or too hard: an attempt without any point, or a perfect strong solver."""


class Failed(NamedTuple):
    """Why a round has failed."""

    failure: Failure
    reason: str
    note: Note = ""


class Standing(NamedTuple):
    """Whether a round has failed so far, and the means of the attempts there are."""

    failed: Failed | None
    weak_mean: Fraction | None
    strong_mean: Fraction | None


def shown(text: str, most: int = SHOWN_CHARS) -> str:
    """A text as the state shows it: whole if it is short, else its beginning."""
    return text if len(text) <= most else f"{text[: most - 4]} ..."


def standing(evidence: Evidence, policy: Policy) -> Standing:
    """How a round stands; a stage that has not been reached yet fails nothing."""
    item = evidence.item
    means = _mean(item, evidence.weak), _mean(item, evidence.strong)
    return Standing(_first_failure(evidence, policy), *means)


def shadow(evidence: Evidence, failed: Failed | None, policy: Policy) -> Decision | None:
    """What a policy that does not decide says of a round's scores; None where it was left without scores.

    It needs both solvers, so a round that ended before the strong one says nothing about it: neither yes
    nor no (method reference 5.5). Nor does a round that failed for another reason than its scores.
    """
    if failed is not None and failed.failure is not Failure.FAILED_ON_STRONG:
        return None
    if evidence.item is None:
        return None
    weak, strong = (scores(evidence.item, lines) or [] for lines in (evidence.weak, evidence.strong))
    if (len(weak), len(strong)) != (policy.weak_attempts, policy.strong_attempts):
        return None
    return decide(policy, weak, strong)


def _first_failure(evidence: Evidence, policy: Policy) -> Failed | None:
    """The first stage that fails, in the order of the loop."""
    item = evidence.item
    if evidence.problem is not None:
        return Failed(Failure(evidence.problem["failure"]), evidence.problem["reason"])
    if item is None:
        return Failed(Failure.INVALID, "no item")
    hash = item.hash[:12]
    if any(line["item"] != hash for line in _bound(evidence)):
        return Failed(Failure.INVALID, "the item was changed after it was checked or attempted")
    return (
        _quality_failure(evidence.quality)
        or (_attempts_failure(item, evidence, policy) if evidence.weak else None)
        or _quality_failure(evidence.audit)
        or _advice_failure(evidence, policy)
    )


def _quality_failure(line: QualityLine | None) -> Failed | None:
    if line is None or line["passed"]:
        return None
    return Failed(Failure.FAILED_QV, "; ".join(line["issues"]))


def _advice_failure(evidence: Evidence, policy: Policy) -> Failed | None:
    """What a loop judge has against the item; its consent alone accepts nothing, and its silence neither."""
    line = evidence.advice
    if line is None:
        silent = policy.suitability and evidence.weak
        return Failed(Failure.INVALID, "no loop judge has judged it") if silent else None
    if advice_allows(policy, Advice(line["verdict"], line["suitability"])):
        return None
    return Failed(Failure.FAILED_QV, advice_reason(line))


def advice_reason(line: AdviceLine) -> str:
    """What a loop judge has against an item, in words."""
    said = "improve" if line["verdict"] == "improve" else f"suitability {line['suitability']}"
    return f"loop judge: {said}; {line['reason']}"


def _attempts_failure(item: Item, evidence: Evidence, policy: Policy) -> Failed | None:
    """What the policy says of the attempts; fewer than configured never decide."""
    weak = scores(item, evidence.weak)
    if weak is None or len(weak) != policy.weak_attempts:
        return Failed(Failure.INVALID, "a weak attempt has no score")
    decision = weak_gate(policy, weak)
    if decision.accepted and (evidence.strong or evidence.advice):
        strong = scores(item, evidence.strong)
        if strong is None or len(strong) != policy.strong_attempts:
            return Failed(Failure.INVALID, "a strong attempt has no score")
        decision = decide(policy, weak, strong)
    if decision.failure is None:
        return None
    side = "weak" if decision.failure is Failure.TOO_EASY else "strong"
    told = [
        str(missed) if missed.condition.measure in BETWEEN else f"{side} {missed}" for missed in decision.missed
    ]
    return Failed(decision.failure, "; ".join(told), _note(decision))


def _note(decision: Decision) -> Note:
    """A zero makes an item suspect, not too easy; a perfect strong solver makes it trivial (reference 2.3)."""
    if all(missed.condition.measure == "worst" for missed in decision.missed):
        return "zero"
    upper = decision.failure is Failure.FAILED_ON_STRONG and any(
        missed.condition.sign.startswith("<") for missed in decision.missed
    )
    return "trivial" if upper else ""


def scores(item: Item, lines: Sequence[AttemptLine]) -> list[Fraction] | None:
    """The exact scores of some attempts, from their booleans; None if one of them has no verdict."""
    found = []
    for line in sorted(lines, key=lambda line: line["index"]):
        if line["status"] == AttemptStatus.INVALID:
            return None
        if line["status"] == AttemptStatus.ANSWERED:
            found.append(score(item.rubric, [hit == "1" for hit in line["met"]]))
        else:
            found.append(Fraction(0))
    return found


def _bound(evidence: Evidence) -> list[AttemptLine | QualityLine | AdviceLine]:
    """All evidence that names the item it belongs to."""
    checks = [line for line in (evidence.quality, evidence.audit, evidence.advice) if line is not None]
    return [*checks, *evidence.weak, *evidence.strong]


def _mean(item: Item | None, lines: Sequence[AttemptLine]) -> Fraction | None:
    """The exact mean of some attempts; None if there are none or one has no verdict."""
    found = scores(item, lines) if item is not None and lines else None
    return tally(found).mean if found else None

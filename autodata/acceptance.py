"""The acceptance policies: every threshold of the method, and the pure functions that apply them."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from typing_extensions import TypedDict

from autodata.errors import UsageError
from autodata.schemas import Failure, fingerprint
from autodata.scoring import Tally, tally

Measure = Literal["mean", "best", "worst", "passes", "gap", "weak_spread"]
BETWEEN: Final = ("gap", "weak_spread")
"""Measures that belong to no one side."""
Suitability = Literal["high", "medium", "low"]

_COMPARE: Final[Mapping[str, Callable[[Fraction, Fraction], bool]]] = MappingProxyType(
    {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
)


class Condition(NamedTuple):
    """One comparison of a solver's tally with a limit, such as `mean < 0.50`."""

    measure: Measure
    sign: str
    limit: Fraction

    @classmethod
    def parse(cls, text: str) -> "Condition":
        """Read `measure sign limit`; the limit is an exact decimal."""
        measure, sign, limit = text.split()
        return cls(measure, sign, Fraction(limit))  # type: ignore[arg-type]  # checked by the tests of POLICIES

    def holds(self, value: Fraction) -> bool:
        """Whether `value` satisfies the comparison."""
        return _COMPARE[self.sign](value, self.limit)

    def __str__(self) -> str:
        return f"{self.measure} {self.sign} {float(self.limit):g}"


@dataclass(frozen=True)
class Policy:
    """When an item is accepted: every condition must hold, the weak solver's first.

    `mean`, `best` and `worst` are over a solver's attempts, `passes` is the share of its attempts with the
    full score, `gap` is the strong mean minus the weak mean, and `weak_spread` is the best weak score minus
    the worst.
    """

    name: str
    weak: tuple[Condition, ...]
    strong: tuple[Condition, ...]
    weak_attempts: int
    strong_attempts: int
    use: str
    source: str
    suitability: tuple[Suitability, ...] = ()
    """What a loop judge must have found an item to be, beside accepting it; empty if none is asked."""

    def with_attempts(self, weak: int | None = None, strong: int | None = None) -> "Policy":
        """The same thresholds on another number of attempts."""
        return replace(
            self, weak_attempts=weak or self.weak_attempts, strong_attempts=strong or self.strong_attempts
        )

    @property
    def hash(self) -> str:
        """Fingerprint of all that decides: the conditions and the numbers of attempts."""
        sides = [" and ".join(map(str, side)) for side in (self.weak, self.strong)]
        asked = f" {self.suitability}" if self.suitability else ""
        return fingerprint(f"{sides} {self.weak_attempts} {self.strong_attempts}{asked}")[:16]


def _policy(name: str, weak: str, strong: str, attempts: int, use: str, source: str) -> Policy:
    """A policy from conditions joined by `and`; a side without any asks for nothing."""
    sides = [tuple(map(Condition.parse, side.split(" and "))) if side else () for side in (weak, strong)]
    return Policy(name, sides[0], sides[1], attempts, attempts, use, source)


POLICIES: Final[Mapping[str, Policy]] = MappingProxyType(
    {
        policy.name: policy
        for policy in (
            _policy(
                "prose",
                weak="mean < 0.50",
                strong="mean >= 0.65 and gap >= 0.20",
                attempts=3,
                use="rubric questions, strict on the weak side; exact checks with few attempts",
                source="paper, body text (method reference 5.1)",
            ),
            _policy(
                "deployed",
                weak="mean <= 0.65 and best <= 0.75 and worst > 0",
                strong="mean >= 0.60 and mean < 0.95 and worst > 0 and gap >= 0.20",
                attempts=3,
                use="rubric questions, as the published run decided; refuses zeros and perfect items",
                source="paper, main agent's prompt (method reference 5.1)",
            ),
            _policy(
                "counts",
                weak="passes <= 0.25",
                strong="passes >= 0.75",
                attempts=4,
                use="answers that are right or wrong: weak at most 1 of 4, strong at least 3 of 4",
                source="paper, science (method reference 5.3)",
            ),
            replace(
                _policy(
                    "legal",
                    weak="",
                    strong="gap >= 0 and weak_spread > 0",
                    attempts=5,
                    use="prompts to learn from; a loop judge must say accept, high or medium, and can only refuse",
                    source="paper, legal: no thresholds; our floor under the loop judge (method reference 5.2)",
                ),
                strong_attempts=3,
                suitability=("high", "medium"),
            ),
        )
    }
)


class Missed(NamedTuple):
    """A condition that does not hold, and the value that broke it."""

    condition: Condition
    value: Fraction

    def __str__(self) -> str:
        return (
            f"{self.condition.measure.replace('_', ' ')} {float(self.value):.3g}, "
            f"needs {self.condition.sign} {float(self.condition.limit):g}"
        )


class Decision(NamedTuple):
    """What a policy says of an item: accepted, or which failure and which conditions did not hold."""

    accepted: bool
    failure: Failure | None
    missed: tuple[Missed, ...]


def weak_gate(policy: Policy, weak: Sequence[Fraction]) -> Decision:
    """The early verdict on the weak scores alone; `accepted` means that the strong solver may be run.

    Raises:
        ValueError: if there are not exactly as many scores as the policy asks for.
    """
    _complete("weak", weak, policy.weak_attempts)
    totals = tally(weak)
    missed = _missed(policy.weak, totals, totals)
    return Decision(not missed, Failure.TOO_EASY if missed else None, missed)


def decide(policy: Policy, weak: Sequence[Fraction], strong: Sequence[Fraction]) -> Decision:
    """The full verdict on both solvers' scores; it never contradicts `weak_gate`.

    Raises:
        ValueError: if there are not exactly as many scores as the policy asks for: fewer never decide.
    """
    early = weak_gate(policy, weak)
    _complete("strong", strong, policy.strong_attempts)
    if not early.accepted:
        return early
    missed = _missed(policy.strong, tally(strong), tally(weak))
    return Decision(not missed, Failure.FAILED_ON_STRONG if missed else None, missed)


class Advice(NamedTuple):
    """What a loop judge said of an item as a prompt to learn from."""

    verdict: Literal["accept", "improve"]
    suitability: Suitability


def advice_allows(policy: Policy, advice: Advice) -> bool:
    """Whether a loop judge leaves the decision to the scores: it can refuse an item and never accept one."""
    fits = not policy.suitability or advice.suitability in policy.suitability
    return advice.verdict == "accept" and fits


class PolicyLine(TypedDict):
    """A policy as the state names it: the routers read nothing else."""

    name: str
    weak_attempts: int
    strong_attempts: int


def policy_line(policy: Policy) -> PolicyLine:
    """The name and the numbers of attempts; the limits stay in the table of presets."""
    return PolicyLine(name=policy.name, weak_attempts=policy.weak_attempts, strong_attempts=policy.strong_attempts)


def policy_of(line: PolicyLine) -> Policy:
    """The policy that a state names."""
    return policy_named(line["name"]).with_attempts(line["weak_attempts"], line["strong_attempts"])


def policy_named(name: str) -> Policy:
    """The preset of that name; UsageError, with the known ones, if there is none."""
    if name not in POLICIES:
        raise UsageError(f"no policy {name!r}; known: {', '.join(POLICIES)}")
    return POLICIES[name]


def _complete(solver: str, scores: Sequence[Fraction], expected: int) -> None:
    if len(scores) != expected:
        raise ValueError(f"{len(scores)} {solver} scores where the policy needs {expected}")


def _missed(conditions: Sequence[Condition], totals: Tally, weak: Tally) -> tuple[Missed, ...]:
    """The conditions that do not hold, each with the value that broke it."""
    between = {"gap": totals.mean - weak.mean, "weak_spread": weak.best - weak.worst}
    found = []
    for condition in conditions:
        measure = condition.measure
        value = between[measure] if measure in between else getattr(totals, measure)
        if not condition.holds(value):
            found.append(Missed(condition, value))
    return tuple(found)

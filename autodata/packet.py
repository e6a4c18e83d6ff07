"""The diagnostic packet: what every rollout did, by criterion and by capability, and how a rubric changed."""

import re
from collections.abc import Sequence
from fractions import Fraction
from math import sqrt
from typing import NamedTuple

from typing_extensions import TypedDict

from autodata.overrides import QUESTION_CHARS
from autodata.schemas import Criterion, Item
from autodata.scoring import score, tally

# A criterion that asks for no more than that something is mentioned (method reference 8 #17: "verbs").
_SOFT = re.compile(
    r"\b(?:mentions?|notes?|acknowledges?|refers? to|references|touches on|alludes? to|discusses|considers)\b",
    re.IGNORECASE,
)

Rollout = str
"""A 1 or 0 a criterion, in rubric order; empty for an attempt that was cut off or empty, which scores 0."""


class Assessed(TypedDict):
    """A round that a loop judge has judged: what the next round is compared with and improved from."""

    round: int
    item: str
    """The item's hash, under which the ledger has it in full."""
    weak: list[Rollout]
    """Kept for the last such round only, like `strong`."""
    strong: list[Rollout]
    verdict: str
    """The loop judge's, such as `improve, low`."""


class CriterionLine(NamedTuple):
    """What the rollouts did on one criterion; for a negative one, `met` means that the error was made."""

    criterion: Criterion
    weak: tuple[bool, ...]
    strong: tuple[bool, ...]


class CapabilityLine(NamedTuple):
    """How much of a capability's weight the solvers earned, in [0, 1]: positive criteria met, errors not made."""

    capability: str
    criteria: int
    weak: Fraction
    strong: Fraction

    @property
    def gap(self) -> Fraction:
        """Strong minus weak."""
        return self.strong - self.weak


class Packet(NamedTuple):
    """One item's rollouts, summed up."""

    question_chars: int
    weak: tuple[Fraction, ...]
    strong: tuple[Fraction, ...]
    criteria: tuple[CriterionLine, ...]
    capabilities: tuple[CapabilityLine, ...]
    """The weak solver's worst first."""
    unanswered: tuple[int, int]
    """Weak and strong attempts that were cut off or empty, and so score 0."""


class RubricSize(NamedTuple):
    """What of a rubric must not shrink while the weak solver's mean grows."""

    criteria: int
    positive_weight: int
    soft: int
    """Criteria that ask for no more than a mention."""
    weak_mean: Fraction


class Change(NamedTuple):
    """A rubric and the last round's."""

    last: RubricSize
    now: RubricSize

    @property
    def loosened(self) -> bool:
        """Whether the weak solver's gain comes with a looser rubric: smaller in both measures, or softer in words.

        One measure may shrink: recall criteria that give way to one heavy test of reasoning are an improvement.
        """
        last, now = self
        smaller = now.criteria < last.criteria and now.positive_weight < last.positive_weight
        return now.weak_mean > last.weak_mean and (smaller or now.soft > last.soft)

    def __str__(self) -> str:
        last, now = self
        return (
            f"criteria {last.criteria} -> {now.criteria}, positive weight {last.positive_weight} -> "
            f"{now.positive_weight}, criteria that only ask for a mention {last.soft} -> {now.soft}, "
            f"weak mean {float(last.weak_mean):.2f} -> {float(now.weak_mean):.2f}"
        )


def packet_of(item: Item, weak: Sequence[Rollout], strong: Sequence[Rollout]) -> Packet:
    """The packet of an item whose attempts all have a verdict; pure, so that it can be made again at any time."""
    return Packet(
        question_chars=len(item.question),
        weak=_scores(item, weak),
        strong=_scores(item, strong),
        criteria=tuple(
            CriterionLine(criterion, _column(weak, at), _column(strong, at))
            for at, criterion in enumerate(item.rubric)
        ),
        capabilities=_capabilities(item, weak, strong),
        unanswered=(sum(not met for met in weak), sum(not met for met in strong)),
    )


def rubric_size(item: Item, weak: Sequence[Rollout]) -> RubricSize:
    """How large and how strict a rubric is, and how the weak solver did on it."""
    return RubricSize(
        criteria=len(item.rubric),
        positive_weight=sum(max(entry.weight, 0) for entry in item.rubric),
        soft=sum(bool(_SOFT.search(entry.criterion)) for entry in item.rubric),
        weak_mean=tally(_scores(item, weak)).mean,
    )


def packet_text(packet: Packet) -> str:
    """The packet as the loop judge and the writer read it: no threshold is in it."""
    gap = tally(packet.strong).mean - tally(packet.weak).mean
    lines = [
        f"weak {_summary(packet.weak, packet.unanswered[0])}",
        f"strong {_summary(packet.strong, packet.unanswered[1])}",
        f"gap {float(gap):+.2f}",
        f"question: {packet.question_chars} of at most {QUESTION_CHARS} characters",
        "",
        "Criteria (a 1 for each rollout that met it; where the weight is negative, that made the error):",
        *(_criterion(number, line) for number, line in enumerate(packet.criteria, 1)),
        "",
        "Capabilities, the weak solver's worst first (share of the weight earned):",
        *(capability_text(line) for line in packet.capabilities),
    ]
    return "\n".join(lines)


def capability_text(line: CapabilityLine) -> str:
    """One capability in one line."""
    scores = f"weak {float(line.weak):.2f}, strong {float(line.strong):.2f}, gap {float(line.gap):+.2f}"
    return f"- {line.capability} ({line.criteria} criteria): {scores}"


def _scores(item: Item, rollouts: Sequence[Rollout]) -> tuple[Fraction, ...]:
    return tuple(score(item.rubric, [hit == "1" for hit in met]) if met else Fraction(0) for met in rollouts)


def _column(rollouts: Sequence[Rollout], at: int) -> tuple[bool, ...]:
    return tuple(met[at : at + 1] == "1" for met in rollouts)


def _capabilities(item: Item, weak: Sequence[Rollout], strong: Sequence[Rollout]) -> tuple[CapabilityLine, ...]:
    places: dict[str, list[int]] = {}
    for at, criterion in enumerate(item.rubric):
        places.setdefault(criterion.capability or "untagged", []).append(at)
    lines = [
        CapabilityLine(name, len(at), _earned(item, weak, at), _earned(item, strong, at))
        for name, at in places.items()
    ]
    return tuple(sorted(lines, key=lambda line: (line.weak, line.capability)))


def _earned(item: Item, rollouts: Sequence[Rollout], places: Sequence[int]) -> Fraction:
    """The mean share of some criteria's weight that the rollouts earned; a cut-off attempt earned nothing."""
    whole = sum(abs(item.rubric[at].weight) for at in places)
    earned = sum(
        abs(item.rubric[at].weight)
        for met in rollouts
        if met
        for at in places
        if (met[at] == "1") == (item.rubric[at].weight > 0)
    )
    return Fraction(earned, whole * len(rollouts))


def _summary(scores: Sequence[Fraction], unanswered: int) -> str:
    totals = tally(scores)
    deviation = sqrt(sum((float(one - totals.mean)) ** 2 for one in scores) / len(scores))
    each = " ".join(f"{float(one):.2f}" for one in scores)
    cut = f" ({unanswered} of them cut off or empty)" if unanswered else ""
    mean = f"mean {float(totals.mean):.2f}, standard deviation {deviation:.2f}"
    return f"{mean}, {len(scores)} rollouts: {each}{cut}"


def _criterion(number: int, line: CriterionLine) -> str:
    sides = []
    for name, met in (("weak", line.weak), ("strong", line.strong)):
        marks = "".join("1" if hit else "0" for hit in met)
        sides.append(f"{name} {marks} ({sum(met)} of {len(met)}, {sum(met) / len(met):.2f})")
    entry = line.criterion
    return f"{number}. [{entry.weight:+d}, {entry.capability or 'untagged'}] {', '.join(sides)}: {entry.criterion}"

"""Turns failed rounds into what the challenger is told: grouped by failure, newest in full."""

from collections.abc import Sequence
from typing import TypedDict

from autodata.prompting import Prompt
from autodata.rounds import Failed, RoundEntry, shown
from autodata.schemas import Failure

IN_FULL = 8
"""Failed rounds that are listed with their whole question; older ones get one line (method reference 10, #20)."""
ONE_LINE_CHARS = 160

# A zero says that the item is suspect, not that it is too easy (method reference 2.3).
SUSPICIOUS_ZERO = "suspicious_zero"
_GROUPS = (Failure.TOO_EASY, SUSPICIOUS_ZERO, Failure.FAILED_ON_STRONG, Failure.FAILED_QV, Failure.NOT_NOVEL)


class Tried(TypedDict):
    """What the feedback needs of a past round beside its entry."""

    question_type: str
    group: str
    """The group it is listed in; empty if its failure says nothing about the question."""


def group_of(failed: Failed | None) -> str:
    """The group that a failed round is listed in."""
    if failed is None or failed.failure is Failure.INVALID:
        return ""
    return SUSPICIOUS_ZERO if failed.zero and failed.failure is Failure.TOO_EASY else failed.failure


def failure_list(entries: Sequence[RoundEntry], tried: Sequence[Tried], templates: Prompt) -> str:
    """The grouped list of failures, with the closing rule; empty if no round failed for its question.

    Args:
        entries: the past rounds, oldest first.
        tried: their question types and groups.
        templates: a heading a group, and `closing`: the domain's `feedback.md`.
    """
    groups: dict[str, list[str]] = {}
    for at, (entry, past) in enumerate(zip(entries, tried, strict=True)):
        in_full = at >= len(entries) - IN_FULL
        groups.setdefault(past["group"], []).append(_line(entry, past["question_type"], in_full))
    told = []
    for group in _GROUPS:
        heading = templates.section(group)
        if heading and group in groups:
            told.append("\n".join([heading, *groups[group]]))
    return "\n\n".join([*told, templates.section("closing") or ""]) if told else ""


def _line(entry: RoundEntry, kind: str, in_full: bool) -> str:
    question = entry["question"] if in_full else shown(entry["question"], ONE_LINE_CHARS)
    return f'- [{kind}] "{question}" {_measured(entry)}'.rstrip()


def _measured(entry: RoundEntry) -> str:
    """What is told of a round's result: averages and gap, or the quality verifier's reason."""
    if entry["failure"] in (Failure.FAILED_QV, Failure.NOT_NOVEL):
        return f"- {entry['feedback']}"
    weak, strong = entry["weak_mean"], entry["strong_mean"]
    told = [] if weak is None else [f"weak average {weak:.0%}"]
    if weak is not None and strong is not None:
        told += [f"strong average {strong:.0%}", f"gap {strong - weak:+.0%}"]
    return ", ".join(told)

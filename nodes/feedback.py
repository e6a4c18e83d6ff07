"""Turns failed rounds into what the challenger is told: grouped by failure, newest in full."""

from collections.abc import Sequence

from typing_extensions import TypedDict

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
    trivial: bool
    """Whether the strong solver was too good, rather than not good enough."""
    item: str
    """The item's hash, under which the ledger has it in full; empty if there was none."""


def tried(question_type: str, failed: Failed | None, item: str = "") -> Tried:
    """What is kept of a closed round."""
    group = "" if failed is None or failed.failure is Failure.INVALID else str(failed.failure)
    if failed is not None and failed.failure is Failure.TOO_EASY and failed.note == "zero":
        group = SUSPICIOUS_ZERO
    trivial = bool(failed and failed.note == "trivial")
    return Tried(question_type=question_type, group=group, trivial=trivial, item=item)


def failure_list(entries: Sequence[RoundEntry], past: Sequence[Tried], templates: Prompt) -> str:
    """The grouped list of failures, with the closing rule; empty if no round failed for its question.

    Args:
        entries: the past rounds, oldest first.
        past: their question types and groups.
        templates: a heading a group, and `closing`: the domain's `feedback.md`.
    """
    groups: dict[str, list[str]] = {}
    for at, (entry, one) in enumerate(zip(entries, past, strict=True)):
        in_full = at >= len(entries) - IN_FULL
        groups.setdefault(one["group"], []).append(_line(entry, one, in_full))
    told = []
    for group in _GROUPS:
        heading = templates.section(group)
        if heading and group in groups:
            told.append("\n".join([heading, *groups[group]]))
    return "\n\n".join([*told, templates.section("closing") or ""]) if told else ""


def _line(entry: RoundEntry, one: Tried, in_full: bool) -> str:
    question = entry["question"] if in_full else shown(entry["question"], ONE_LINE_CHARS)
    trivial = ", trivial for the strong solver" if one["trivial"] else ""
    return f'- [{one["question_type"]}] "{question}" {_measured(entry)}{trivial}'.rstrip()


def _measured(entry: RoundEntry) -> str:
    """What is told of a round's result: averages and gap, or the quality verifier's reason."""
    if entry["failure"] in (Failure.FAILED_QV, Failure.NOT_NOVEL):
        return f"- {entry['feedback']}"
    weak, strong = entry["weak_mean"], entry["strong_mean"]
    told = [] if weak is None else [f"weak average {weak:.0%}"]
    if weak is not None and strong is not None:
        told += [f"strong average {strong:.0%}", f"gap {strong - weak:+.0%}"]
    return ", ".join(told)

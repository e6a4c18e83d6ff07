"""Turns the last round into orders for a writer: what code refused, and the loop judge's words as they are."""

from autodata.prompting import Prompt
from autodata.rounds import AdviceLine, RoundEntry, advice_reason, shown
from nodes.feedback import Tried


def orders(entry: RoundEntry, last: Tried, advice: AdviceLine | None, templates: Prompt) -> str:
    """What must change in the last item; empty if the round failed for a reason that says nothing about it.

    Args:
        entry: the round that failed.
        last: its failure group.
        advice: what the loop judge said of it, passed on word for word; None if it was not asked.
        templates: a heading a group, and `advice`: the domain's `feedback.md`.
    """
    heading = templates.section(last["group"])
    advised = advice if advice and advice["suggestion"] else None
    told = []
    if heading and not (advised and entry["feedback"] == shown(advice_reason(advised))):
        told.append(f"{heading}\n- {entry['feedback']}")
    if advised:
        said = {"verdict_reason": advised["reason"], "suggestion": advised["suggestion"]}
        told.append(templates.fill("advice", said))
    return "\n\n".join(told)

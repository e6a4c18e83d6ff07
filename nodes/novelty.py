"""Refuses a question that repeats an earlier one of its document, or one that the run has accepted."""

from collections.abc import Sequence

from autodata.documents.novelty import Repeat, repeated
from autodata.ledger.views import recorded_novelty
from autodata.rounds import RoundEntry, shown
from autodata.schemas import Item
from nodes.resources import Resources

Stage = str
"""`new`, with the number of any further candidate: before the solvers are paid; `accepted`: before the audit,
among what was accepted meanwhile."""
QUESTION_CHARS = 300


def repeats_its_document(resources: Resources, item: Item, rounds: Sequence[RoundEntry]) -> str | None:
    """Why an item is not new among the earlier questions of its document; None if it is."""
    asked = shown(item.question)
    rules = resources.settings.novelty
    same = next((past for past in rounds if past["question"].casefold() == asked.casefold()), None)
    found = Repeat(same["question"], 1.0) if same else None
    if found is None and rules.compare == "words":
        found = repeated(asked, [past["question"] for past in rounds if past["question"]], rules.threshold)
    if found is None:
        return None
    number = next(past["round"] for past in rounds if past["question"] == found.question)
    return f"repeats the question of round {number}: {_quoted(found)}"


async def repeats_the_run(resources: Resources, document: str, round: int, item: Item, stage: Stage) -> str | None:
    """Why an item is not new among the questions accepted from other documents; None if it is.

    What has been accepted depends on timing where documents run side by side. So a verdict is recorded, and a
    resumed run keeps to it; and at the audit an item is compared again and claims its place, so that no two
    accepted questions are alike.
    """
    accepted, rules = resources.accepted, resources.settings.novelty
    if accepted is None or rules.compare == "exact":
        return None  # a composed question names rows of its own table: the same wording elsewhere is another
    found = accepted.repeated(document, item.question, rules.threshold)
    reason = f"repeats a question accepted from another document: {_quoted(found)}" if found else ""
    if found:
        run = resources.ledger.run
        before = await resources.ledger.read(lambda c: recorded_novelty(c, run, document, round, stage))
        reason = reason if before is None else before
    resources.ledger.novelty(document, round, stage, reason)
    if stage == "accepted" and not reason:
        accepted.add(document, item.question)
    return reason or None


def _quoted(found: Repeat) -> str:
    return f'"{shown(found.question, QUESTION_CHARS)}" (similarity {found.similarity:.2f})'

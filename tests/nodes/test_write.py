"""What code refuses of a written item before any solver is paid."""

import pytest

from autodata.rounds import Failed
from autodata.schemas import Criterion, Failure, Item
from nodes.feedback import Tried, tried
from nodes.write import refusal


def item(question: str, weight: int = 3) -> Item:
    return Item(
        context="",
        question=question,
        question_type="t",
        reasoning_skills=(),
        reference_answer="r",
        rubric=(Criterion(criterion="c", weight=weight),),
    )


def past(one: Item) -> list[Tried]:
    return [tried("t", Failed(Failure.FAILED_QV, ""), one.hash)]


@pytest.mark.parametrize(
    ("written", "before", "failure"),
    [
        (item("What now?"), [], None),
        (item("What now?"), past(item("What now?", weight=4)), None),  # the rubric was sharpened
        (item("What now?"), past(item("What now?")), "not_novel"),  # no second verdict on the same item
        (item("Is it on appeal?"), [], "failed_qv"),
    ],
)
def test_an_override_and_a_repeated_item_are_refused(
    written: Item, before: list[Tried], failure: str | None
) -> None:
    found = refusal(written, before)
    assert (found["failure"] if found else None) == failure

"""The item's hash binds everything that a verdict depends on, and an item without hidden parts is as ever."""

from autodata.schemas import Criterion, Item

ITEM = Item(
    context="C",
    question="Q?",
    question_type="t",
    reasoning_skills=("s",),
    reference_answer="R",
    rubric=(Criterion(criterion="c", weight=1),),
)


def test_hidden_parts_are_bound_by_the_hash() -> None:
    hashes = {ITEM.hash, *(ITEM.model_copy(update={"hidden": text}).hash for text in ("assert 1", "assert 2"))}
    assert len(hashes) == 3


def test_an_item_without_hidden_parts_does_not_mention_them() -> None:
    assert "hidden" not in ITEM.model_dump(mode="json")
    kept = ITEM.model_copy(update={"hidden": "assert 1"})
    assert Item.model_validate_json(kept.model_dump_json()) == kept

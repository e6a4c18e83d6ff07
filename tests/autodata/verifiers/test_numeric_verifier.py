"""The numeric verifier: plans become bound items, and programs decide."""

import json
from collections.abc import AsyncIterator

import pytest

from autodata.errors import ItemError, UnsuitableError
from autodata.ledger.records import Usage
from autodata.models.request import Reply
from autodata.schemas import Document, Item
from autodata.verifiers.numeric.verifier import NumericVerifier
from autodata.verifiers.programs import program_in

DOCUMENT = Document.of(
    "Orchards",
    "# Orchards\n\nText.\n\n| Orchard | Area (ha) | Yield (t per ha) | Hours |\n|---|---|---|---|\n"
    "| North | 6.4 | 31.5 | 1,480 |\n| South | 3.8 | 28.0 | 790 |\n| East | 5.2 | 36.4 | 1,365 |\n",
)
PLAN = {"kind": "mean_gap", "columns": "Hours", "rows": "North"}


def said(plan: dict[str, str]) -> Reply:
    return Reply(b"", json.dumps(plan), "", "stop", Usage(), replayed=False)


@pytest.fixture
async def verifier() -> AsyncIterator[NumericVerifier]:
    made = NumericVerifier()
    yield made
    await made.close()


@pytest.fixture
async def item(verifier: NumericVerifier) -> Item:
    return await verifier.compose(DOCUMENT, [], said(PLAN))


async def test_an_item_carries_its_table_reference_and_one_criterion(item: Item) -> None:
    assert item.question == (
        'How far above the mean "Hours" of all 3 orchards is the "Hours" of North? '
        "Give a negative number if it is below."
    )
    assert "| North | 6.4 | 31.5 | 1480 |" in item.context
    assert float(item.reference_answer) == pytest.approx(1480 - (1480 + 790 + 1365) / 3)
    assert [criterion.weight for criterion in item.rubric] == [1]


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        ("answer = 1480 - (1480 + 790 + 1365) / 3", True),
        ("```python\nanswer = 268.33\n```", True),
        ("Here it is:\n```py\nanswer = 268.3\n```\nas asked.", True),
        ("```python\nanswer = 268.33\n", True),
        ("answer = 250", False),
        ("answer = -268.33", False),
        ("answer = '268.33'", False),
        ("answer = True", False),
        ("answer = [268.33]", False),
        ("answer = float('nan')", False),
        ("x = 268.33", False),
        ("268.33", False),
        ("answer = 268.33 =", False),
        ("import os\nanswer = 268.33", True),
        ("import numpy\nanswer = 268.33", False),
        ("raise ValueError", False),
        ("I do not know.", False),
        ("", False),
    ],
)
async def test_only_the_right_number_passes(
    verifier: NumericVerifier, item: Item, answer: str, right: bool
) -> None:
    judgment = await verifier.check(item, answer)
    assert judgment.met == (right,)
    assert judgment.evidence[0].startswith(("answer = ", "no answer: "))


@pytest.mark.parametrize(
    "plan",
    [
        {},
        {**PLAN, "kind": "magic"},
        {**PLAN, "columns": "Yield (t per ha)"},
        {**PLAN, "rows": "West"},
        {"kind": "pair_share", "columns": "Hours", "rows": "North / North"},
    ],
)
async def test_a_plan_that_was_not_offered_is_refused(verifier: NumericVerifier, plan: dict[str, str]) -> None:
    with pytest.raises(ItemError):
        await verifier.compose(DOCUMENT, [], said(plan))


async def test_a_document_without_tables_is_unsuitable(verifier: NumericVerifier) -> None:
    with pytest.raises(UnsuitableError, match="no table"):
        verifier.brief(Document.of("t", "words only"), [], seed=1)


async def test_what_is_offered_depends_on_the_seed_alone(verifier: NumericVerifier) -> None:
    assert verifier.brief(DOCUMENT, [], seed=1) == verifier.brief(DOCUMENT, [], seed=1)
    assert len({verifier.brief(DOCUMENT, [], seed=seed).texts["kinds"] for seed in range(20)}) > 1


def test_the_program_is_the_first_code_block_or_everything() -> None:
    assert program_in("a\n```python\nx = 1\n```\n```\ny = 2\n```") == "x = 1\n"
    assert program_in("x = 1") == "x = 1"

"""The symbolic verifier: the form of questions and answers, code before the judge, and answers that mean harm."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from autodata.errors import ItemError
from autodata.ledger.records import Usage
from autodata.models.request import Reply
from autodata.schemas import Document, Item
from autodata.verifiers.symbolic.comparing import MAX_CHARS, Comparer
from autodata.verifiers.symbolic.form import question_problems
from autodata.verifiers.symbolic.verifier import SymbolicVerifier

DOCUMENT = Document.of("Springs", "A spring stores energy.")


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def verifier() -> AsyncIterator[SymbolicVerifier]:
    made = SymbolicVerifier()
    made._comparer = Comparer(cpu_s=1)
    yield made
    await made.close()


def said(answer: str = r"\frac{1}{2} k x^2", question: str = "What energy does it store?") -> Reply:
    written = {
        "context": "A spring of stiffness k is stretched by x.",
        "question": question,
        "question_type": "closed form",
        "reasoning_skills": ["integration"],
        "reference_answer": answer,
    }
    return Reply(b"", json.dumps(written), "", "stop", Usage(), replayed=False)


async def test_code_decides_the_final_answer_and_leaves_the_rest_to_the_judge(verifier: SymbolicVerifier) -> None:
    item = await verifier.compose(DOCUMENT, [], said())
    assert [criterion.criterion for criterion in item.rubric] == [
        r"The final answer is equivalent to: \frac{1}{2} k x^2"
    ]
    right = await verifier.check(item, r"Integrate. $\boxed{x}$ no: $\boxed{\dfrac{k x^{2}}{2}}$")
    wrong = await verifier.check(item, r"Final answer: $k x^2$")
    assert right and wrong and (right.met, wrong.met) == ((True,), (False,))
    assert "equal" in right.evidence[0] and "different" in wrong.evidence[0]
    for text in (
        "It is half of k times x squared.",
        r"\boxed{the elastic energy}",
        "",
        r"\boxed{",
        r"\boxed{1/2kx^2}",
    ):
        assert await verifier.check(item, text) is None


async def test_the_reference_that_decides_is_bound_by_the_items_hash(verifier: SymbolicVerifier) -> None:
    item = await verifier.compose(DOCUMENT, [], said())
    edited = Item.model_validate({**item.model_dump(), "reference_answer": "x"})
    judged = await verifier.check(edited, r"\boxed{x}")
    assert edited.hash == item.hash and judged is not None and judged.met == (False,)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("42", "bare integer"),
        ("$-3$", "bare integer"),
        (r"x = \sqrt{16}", "bare integer"),
        (r"\frac{10}{5}", "bare integer"),
        ("3.1416", "rounded"),
        (r"\approx \frac{22}{7}", "rounded"),
        (r"2.5\times 10^{3}", "rounded"),
        ("about one half", "rounded"),
        ("yes", "guessed"),
        ("increases", "guessed"),
        ("seven", "guessed"),
        ("x, because the force is linear", "derivation"),
        ("a = b = c", "derivation"),
        ("first this\nthen that", "derivation"),
        (r"1000000000!", "too long to evaluate"),
        ("the energy that the spring stores when it is slowly stretched by a force along its axis", "too long"),
    ],
)
async def test_an_answer_of_the_wrong_form_is_refused(verifier: SymbolicVerifier, answer: str, why: str) -> None:
    with pytest.raises(ItemError, match=why):
        await verifier.compose(DOCUMENT, [], said(answer))


@pytest.mark.parametrize(
    "answer",
    [
        r"\frac{1}{2}",
        r"\sqrt{2}",
        r"2\pi n",
        r"\{1, 2\}",
        r"(0, \frac{1}{3})",
        "Klein bottle",
        r"\mathbb{Z}/2\mathbb{Z}",
        "n",
    ],
)
async def test_an_exact_answer_or_a_name_is_taken(verifier: SymbolicVerifier, answer: str) -> None:
    assert (await verifier.compose(DOCUMENT, [], said(answer))).reference_answer == answer


@pytest.mark.parametrize(
    "question",
    [
        "What is E? What is F?",
        "Find E, and determine F.",
        "What is (a) the energy and (b) the force?",
        "1. Find E.\n2. Find F.",
    ],
)
async def test_a_question_asks_one_thing(verifier: SymbolicVerifier, question: str) -> None:
    assert question_problems(question)
    with pytest.raises(ItemError, match="ask one thing"):
        await verifier.compose(DOCUMENT, [], said(question=question))


HARMFUL = {
    "a tower of powers": r"10^{10^{10}}",
    "a long sum": r"\sum_{k=1}^{10^{12}} \frac{1}{k^2}",
    "deep nesting": "(" * 250 + "x" + ")" * 250,
    "deep fractions": r"\frac{1}{" * 60 + "x" + "}" * 60,
    "python": "__import__('os').system('touch escaped')",
    "python in text": r"\text{__import__('os').system('touch escaped')}",
    "a call": "open('escaped', 'w')",
    "an attribute": "x.__class__.__mro__",
    "a file": r"\input{/etc/passwd}",
    "much text": "x" * 1_000_000,
    "null bytes": "\x00\x00",
    "line breaks": '"\n["compare"',
}


async def test_no_harmful_answer_is_equal_gets_out_or_stops_the_next(verifier: SymbolicVerifier) -> None:
    comparer = verifier._comparer
    verdicts = await asyncio.gather(*(comparer.compare("x^2 + 1", text) for text in HARMFUL.values()))
    assert set(verdicts) <= {"undecided", "different"}
    assert await comparer.compare("x^2 + 1", "1 + x^2") == "equal"
    root = Path(__file__).parents[3]
    assert not (root / "escaped").exists() and not Path("escaped").exists()


async def test_a_worker_that_dies_is_replaced_and_a_cancelled_question_confuses_none(
    verifier: SymbolicVerifier,
) -> None:
    comparer = verifier._comparer
    assert await comparer.compare("x", "x + 1") == "different"
    for process in comparer._started:
        process.kill()
    asking = asyncio.create_task(comparer.compare("x", "x + 1"))
    await asyncio.sleep(0.01)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    verdicts = [await comparer.compare("2x", "x + x") for _ in range(3)]
    assert verdicts[-1] == "equal" and "different" not in verdicts
    assert await comparer.compare("x", " " * MAX_CHARS + "x") == "undecided"

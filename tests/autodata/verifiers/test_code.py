"""The code domain: only a task whose tests are proved is asked, and only a right program passes them."""

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.errors import ItemError, ReplyError
from autodata.ledger.records import Usage
from autodata.models.request import Reply
from autodata.prompting import load_domain
from autodata.schemas import Document, Item
from autodata.verifiers.code.mutants import MOST, mutants
from autodata.verifiers.code.tasks import same, task_in
from autodata.verifiers.code.verifier import CodeVerifier
from autodata.verifiers.sandbox import Sandbox

RULE = "Parcels are packed as they come. A crate is closed as soon as the next parcel would not fit."
DOCUMENT = Document.of("Packing", f"# Packing\n\n{RULE} Parcels heavier than the limit are sent back.")
REFERENCE = """def crates(weights, limit):
    closed = 0
    load = 0
    back = []
    for weight in weights:
        if weight > limit:
            back.append(weight)
            continue
        if load + weight > limit:
            closed += 1
            load = 0
        load += weight
    if load > 0:
        closed += 1
    return closed, back
"""
WRONG = {
    "sends nothing back": REFERENCE.replace("if weight > limit:", "if False:"),
    "forgets the last crate": REFERENCE.replace("if load > 0:", "if False:"),
}
CASES = {
    "crates([], 5)": "(0, [])",
    "crates([2, 2, 2], 4)": "(2, [])",
    "crates([4, 4], 4)": "(2, [])",
    "crates([5, 1], 4)": "(1, [5])",
    "crates([3, 2, 9, 1], 5)": "(2, [9])",
    "crates([1, 1, 1, 1], 2)": "(2, [])",
    "crates([6, 7], limit=5)": "(0, [6, 7])",
}
SCENE = (
    "Parcels come one after the other and go into the open crate while its load stays within the limit. When the "
    "next one would pass the limit, the crate is closed and a new one is begun with that parcel. A parcel that is "
    "heavier than the limit by itself is set aside. A crate that holds nothing is not counted. At the end the "
    "open one is closed."
)


def plan(**changed: Any) -> dict[str, Any]:
    return {
        "source_passage": "A crate is closed as soon as the next parcel would not fit.",
        "context": SCENE,
        "question": "Write `crates(weights, limit)`: how many crates are closed, and the list of those set aside.",
        "question_type": "stateful rule",
        "reasoning_skills": ["state_tracking"],
        "function": "crates",
        "reference": REFERENCE,
        "tests": [{"call": call, "expected": expected} for call, expected in CASES.items()],
        "wrong": [{"program": program, "error": error} for error, program in WRONG.items()],
        **changed,
    }


def reply(text: str) -> Reply:
    return Reply(b"", text, "", "stop", Usage(), False)


def cases_with(**cases: str) -> list[dict[str, str]]:
    return [{"call": call, "expected": expected} for call, expected in {**CASES, **cases}.items()]


@pytest.fixture
async def verifier() -> AsyncIterator[CodeVerifier]:
    made = CodeVerifier()
    yield made
    await made.close()


async def composed(verifier: CodeVerifier, **changed: Any) -> Item:
    return await verifier.compose(DOCUMENT, [], reply(json.dumps(plan(**changed))))


async def test_a_proved_task_becomes_an_item_that_hides_its_tests_and_binds_them(verifier: CodeVerifier) -> None:
    item = await composed(verifier)
    assert "crates([" not in item.context + item.question + item.rubric[0].criterion
    task = task_in(item)
    assert (len(task.cases), len(task.wrong), task.reference) == (7, 2, REFERENCE.strip())
    loosened = item.model_copy(update={"hidden": item.hidden.replace("(2, [9])", "(2, [8])")})
    assert loosened.hash != item.hash
    fenced = await composed(verifier, reference=f"```python\n{REFERENCE}```")
    assert fenced.hash == item.hash
    with pytest.raises(ItemError, match="not the one"):
        task_in(item.model_copy(update={"reference_answer": "def crates(weights, limit): ..."}))


SAME_TWICE = [{"program": REFERENCE.replace("closed", "done"), "error": "none"}] * 2
EASY = [{"call": f"crates([1], {n})", "expected": "(1, [])"} for n in range(1, 5)]
SHALLOW = [{"call": f"crates([{n}], 0)", "expected": f"(0, [{n}])"} for n in range(1, 5)]
ONE_LINE = "def crates(weights, limit):\n    return len(weights), limit"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"tests": cases_with(**{"crates([1], 1)": "(2, [])"})},
         r"the reference fails its own test: `crates\(\[1\], 1\)` gives \(1, \[\]\), not \(2, \[\]\)"),
        ({"wrong": SAME_TWICE}, "wrong solution 1 passes every test"),
        ({"wrong": [{"program": "def crates(weights, limit):\n    return what", "error": "e"}] * 2},
         "wrong solution 1 cannot be run at all"),
        ({"tests": EASY}, "all tests expect the same value"),
        ({"tests": SHALLOW, "wrong": [{"program": WRONG["sends nothing back"], "error": "e"}] * 2},
         r"the tests notice \d+ of \d+ small mistakes, fewer than 70%; such as this one, which passes: `"),
        ({"reference": ONE_LINE, "wrong": [{"program": ONE_LINE.replace("limit\n", "0\n"), "error": "e"}] * 2},
         "the reference fails its own test"),
        ({"tests": cases_with()[:3]}, "there are 3 tests, not 4 to 12"),
        ({"wrong": []}, "there are 0 wrong solutions"),
        ({"reference": "def crates(weights, limit:\n"}, "the reference is no Python"),
        ({"reference": "(" * 900 + ")" * 900}, "the reference is no Python|does not define"),
        ({"reference": "def other(): pass"}, "the reference does not define `crates`"),
        ({"reference": REFERENCE + "#" * 3000}, "the reference is longer than 2500 characters"),
        ({"reference": REFERENCE.replace("    return closed", "    yield closed")}, "yield"),
        ({"source_passage": "A crate may hold anything that it can carry."}, "does not hold the source passage"),
        ({"source_passage": "A crate is closed"}, "does not hold the source passage"),
        ({"context": "Short."}, "the context has 6 characters"),
        ({"question": "Write the function."}, "does not name the function `crates`"),
        ({"question": "Write `crates`; crates( [2,2,2], 4 ) gives (2, [])."}, "shown the hidden test"),
        ({"context": f"{SCENE}\n```\n{REFERENCE}```"}, "the statement shows 10 of the reference's 10 lines"),
        ({"context": f"{SCENE}\nif load + weight > limit:\nthen close it."}, "the statement shows 1 of the"),
    ],
)  # fmt: skip
async def test_a_task_that_cannot_be_trusted_is_refused_with_the_reason(
    verifier: CodeVerifier, changed: dict[str, Any], said: str
) -> None:
    with pytest.raises(ItemError, match=said):
        await composed(verifier, **changed)


@pytest.mark.parametrize(
    "call",
    [
        "__import__('os').system('true')",
        "crates(open('/etc/passwd').read(), 1)",
        "crates([x for x in range(9)], 1)",
        "crates(**{'weights': []})()",
        "crates(10 ** 10 ** 10, 1)",
        "(lambda: 1)()",
        "other([1], 1)",
        "crates([1], 1) or True",
        "crates(" + "[" * 300 + "]" * 300 + ", 1)",
        "crates(",
    ],
)
async def test_a_test_is_data_and_nothing_in_it_can_run(verifier: CodeVerifier, call: str) -> None:
    with pytest.raises(ItemError, match="test 8"):
        await composed(verifier, tests=[*cases_with(), {"call": call, "expected": "(1, [])"}])
    with pytest.raises(ItemError, match="test 8"):
        await composed(verifier, tests=[*cases_with(), {"call": "crates([1], 7)", "expected": call}])


async def test_an_answer_that_is_no_task_is_unreadable_and_not_a_bad_item(verifier: CodeVerifier) -> None:
    for text in ("no task today", json.dumps({**plan(), "tests": "many"})):
        with pytest.raises(ReplyError) as refused:
            await verifier.compose(DOCUMENT, [], reply(text))
        assert not isinstance(refused.value, ItemError)


HOSTILE = {
    "equal to everything": (
        "class Any:\n    def __eq__(self, other):\n        return True\n"
        "def crates(weights, limit):\n    return Any()"
    ),
    "its name is shadowed": "crates = 1",
    "loops for ever": "def crates(weights, limit):\n    while True:\n        pass",
    "takes all memory": "def crates(weights, limit):\n    return [0] * 10 ** 9",
    "ends the program": "def crates(weights, limit):\n    raise SystemExit(0)",
    "nests without end": (
        "a = []\nfor _ in range(100000):\n    a = [a]\ndef crates(weights, limit):\n    return a, a"
    ),
    "holds itself": "a = []\na.append(a)\ndef crates(weights, limit):\n    return a",
    "reads files": "def crates(weights, limit):\n    return open('/etc/passwd').read()",
    "reads the environment": "import os\ndef crates(weights, limit):\n    return os.environ",
    "prints a lot": "def crates(weights, limit):\n    for _ in range(10 ** 4):\n        print('(2, [])' * 1000)",
    "gives text": "def crates(weights, limit):\n    return '(2, [])'",
    "not a number": "def crates(weights, limit):\n    return float('nan'), []",
    "a bool for a number": REFERENCE.replace("return closed", "return closed and True or False"),
    "a list for a tuple": REFERENCE.replace("return closed, back", "return [closed, back]"),
    "the sandbox's own test": "assert True",
    "nothing": "",
}  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE)
async def test_a_hostile_or_wrong_program_fails_and_does_no_harm(verifier: CodeVerifier, kind: str) -> None:
    item = await composed(verifier)
    judgment = await verifier.check(item, f"```python\n{HOSTILE[kind]}\n```")
    assert judgment.met == (False,), judgment.evidence
    assert (await verifier.check(item, REFERENCE)).met == (True,), "the next program is none the worse"


@pytest.mark.parametrize(
    ("answer", "passes"),
    [
        (REFERENCE, True),
        (f"First a sketch:\n```python\nprint(1)\n```\nand now:\n```python\n{REFERENCE}```\nDone.", True),
        (f"```python\n{WRONG['forgets the last crate']}```\nor better\n```python\n{REFERENCE}```", True),
        (f"```python\n{REFERENCE}```\nUse it so:\n```python\ncrates([1], 2)\n```", True),
        (WRONG["sends nothing back"], False),
        ("I think that the answer is 2.", False),
    ],
)
async def test_only_a_program_that_passes_every_hidden_test_is_right(
    verifier: CodeVerifier, answer: str, passes: bool
) -> None:
    judgment = await verifier.check(await composed(verifier), answer)
    assert judgment.met == (passes,)
    assert judgment.evidence[0] == "7 tests pass" or "gives" in judgment.evidence[0]


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(PLAIN, PLAIN)
def test_sameness_is_equality_but_for_types_and_rounding(one: Any, other: Any) -> None:
    assert same(one, one)
    if same(one, other) and repr(one) != repr(other):
        assert re.search(r"\d", repr(one)), "only numbers may differ in how they are written"
    if one != other and not re.search(r"\d", repr((one, other))):
        assert not same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [(1, True), (True, 1), ((1,), [1]), ("1", 1), (1.0, 1.1), ({1}, {2}), (None, 0)],
)
def test_values_of_other_types_differ(one: Any, other: Any) -> None:
    assert not same(one, other)


def test_mutants_differ_from_the_program_and_from_each_other() -> None:
    found = mutants(REFERENCE)
    assert 12 <= len(found) == len(set(found)) <= MOST
    assert mutants(REFERENCE) == found, "the same ones each time"
    assert any("load + weight >= limit" in mutant for mutant in found)
    assert len(mutants("def f(a):\n" + "".join(f"    a += {n}\n" for n in range(60)) + "    return a")) == MOST


async def test_what_the_prompts_say_of_the_sandbox_is_true() -> None:
    domain = load_domain("code")
    sandbox = Sandbox()
    for role in ("challenger", "solver"):
        text = " ".join((domain.prompt(role).section("system") or "").split())
        has = re.search(r"standard library (.+?)\. (?:It has|There is)", text)
        lacks = re.search(r"and no (heapq[^.]+)\.", text)
        assert has and lacks
        names = re.findall(r"[a-z]+", re.sub(r"\(.*?\)", "", has[1]))
        assert {"math", "itertools", "dataclasses"} & {*names} >= {"math", "itertools"}
        for name in names:
            assert (await sandbox.run(f"import {name}", "1")).error is None, name
        for name in re.findall(r"[A-Za-z]+", (re.search(r"collections \((.*?)\)", has[1]) or ["", ""])[1]):
            assert (await sandbox.run(f"from collections import {name}", "1")).error is None, name
        for name in re.findall(r"[a-z]+", lacks[1].replace(" or ", " ")):
            assert (await sandbox.run(f"import {name}", "1")).error is not None, name
    for lacking in ("def f():\n    yield 1", "a = [1]\ndel a[0]", "class A(int): pass"):
        assert (await sandbox.run(lacking, "1")).error is not None
    for having in ("class A:\n    x = 1", "match 1:\n    case 1: pass", "f'{1:>3}'", "lambda x: x"):
        assert (await sandbox.run(having, "1")).error is None
    await sandbox.close()

"""A programming task as the challenger writes it: read, measured, and turned into an item with hidden tests."""

import ast
import json
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from pydantic import BaseModel

from autodata.errors import ItemError
from autodata.schemas import Criterion, Document, Item, Text, fingerprint
from autodata.verifiers.citation import occurs
from autodata.verifiers.programs import program_in

TESTS, WRONG = (4, 12), (2, 4)
"""How many tests and wrong solutions an item may have; more are asked for in the prompt than are needed."""
MAX_PROGRAM_CHARS, MAX_CASE_CHARS = 2_500, 400
SOURCE_WORDS = 6
"""The shortest passage of the document that can state a rule."""
CRITERION = "Every hidden test passes when the answer's program is run."


class CaseAnswer(BaseModel):
    """A test: a call of the task's function with literal arguments, and the literal that it must give."""

    call: Text
    expected: Text


class WrongAnswer(BaseModel):
    """A program that a careless solver might write, and what is wrong with it."""

    program: Text
    error: str


class TaskAnswer(BaseModel):
    """What the challenger answers."""

    source_passage: Text
    context: str
    question: Text
    question_type: Text
    reasoning_skills: list[str]
    function: Text
    reference: Text
    tests: list[CaseAnswer]
    wrong: list[WrongAnswer]


class Case(NamedTuple):
    """A test, checked: `call` is a call of the function with literals only."""

    call: str
    expected: Any


class Task(NamedTuple):
    """A task, checked for form; whether its tests are worth anything is for `trust.py`."""

    function: str
    reference: str
    cases: tuple[Case, ...]
    wrong: tuple[str, ...]


def task_of(answer: TaskAnswer) -> Task:
    """The task in an answer; ItemError names everything that breaks a rule of form."""
    problems = [
        *_count("tests", answer.tests, TESTS),
        *_count("wrong solutions", answer.wrong, WRONG),
        *_program_problems("the reference", answer.reference, answer.function),
    ]
    for number, wrong in enumerate(answer.wrong, 1):
        problems += _program_problems(f"wrong solution {number}", wrong.program, answer.function)
    cases = []
    for number, test in enumerate(answer.tests, 1):
        try:
            cases.append(_case(test, answer.function))
        except ValueError as problem:
            problems.append(f"test {number}: {problem}")
    if len({repr(case.expected) for case in cases}) < min(2, len(cases)):
        problems.append("all tests expect the same value, so that a constant passes")
    if problems:
        raise ItemError("; ".join(problems))
    wrong_ones = tuple(program_in(wrong.program).strip() for wrong in answer.wrong)
    return Task(answer.function, program_in(answer.reference).strip(), tuple(cases), wrong_ones)


def item_of_task(answer: TaskAnswer, task: Task) -> Item:
    """The item of a task: what solvers see, and hidden from them the tests; all of it is in the item's hash."""
    hidden = {
        "function": task.function,
        "tests": [[case.call, repr(case.expected)] for case in task.cases],
        "wrong": task.wrong,
        "reference": fingerprint(task.reference)[:16],
        "source": answer.source_passage,
    }
    return Item(
        context=answer.context.strip(),
        question=answer.question,
        question_type=answer.question_type,
        reasoning_skills=tuple(answer.reasoning_skills),
        reference_answer=task.reference,
        rubric=(Criterion(criterion=CRITERION, weight=1),),
        hidden=json.dumps(hidden, ensure_ascii=False),
    )


def task_in(item: Item) -> Task:
    """The task behind an item, from what is hidden in it; ItemError if its reference was changed."""
    hidden = json.loads(item.hidden)
    if fingerprint(item.reference_answer)[:16] != hidden["reference"]:
        raise ItemError("the reference is not the one that the item was made with")
    cases = tuple(Case(call, ast.literal_eval(expected)) for call, expected in hidden["tests"])
    return Task(hidden["function"], item.reference_answer, cases, tuple(hidden["wrong"]))


def statement_problems(item: Item, task: Task, document: Document, context_chars: tuple[int, int]) -> list[str]:
    """What is wrong with what the solvers are told, as far as it can be seen without running anything."""
    seen = f"{item.context}\n{item.question}"
    shortest, longest = context_chars
    source = json.loads(item.hidden)["source"]
    found = []
    if not shortest <= len(item.context) <= longest:
        found.append(f"the context has {len(item.context)} characters, not {shortest} to {longest}")
    if len(source.split()) < SOURCE_WORDS or not occurs(source, document.text):
        found.append(
            f'the document does not hold the source passage "{source[:100]}" ({SOURCE_WORDS} words or more)'
        )
    if not re.search(rf"\b{re.escape(task.function)}\b", seen):
        found.append(f"the question does not name the function `{task.function}`")
    squeezed = "".join(seen.split())
    shown = [case.call for case in task.cases if "".join(case.call.split()) in squeezed]
    if shown:
        found.append(f"the solvers are shown the hidden test `{shown[0]}`; give another example")
    return [*found, *_code_shown(seen, task)]


def same(expected: Any, got: Any) -> bool:
    """Whether two plain values are equal, type by type; nothing of a program's own takes part in it.

    Numbers may differ by rounding. It goes no deeper than `expected` does.
    """
    if isinstance(expected, bool) or expected is None or isinstance(expected, str | bytes):
        return type(got) is type(expected) and bool(got == expected)
    if isinstance(expected, int | float):
        if type(got) not in (int, float):
            return False
        return bool(got == expected) or abs(got - expected) <= 1e-6 * max(1.0, abs(expected))
    if type(got) is not type(expected) or len(got) != len(expected):
        return False
    if isinstance(expected, list | tuple):
        return all(same(one, other) for one, other in zip(expected, got, strict=True))
    if isinstance(expected, dict):
        return all(key in got and same(value, got[key]) for key, value in expected.items())
    return bool(got == expected)  # sets of plain values


def _count(what: str, given: Sequence[object], limits: tuple[int, int]) -> list[str]:
    fewest, most = limits
    return [] if fewest <= len(given) <= most else [f"there are {len(given)} {what}, not {fewest} to {most}"]


def _program_problems(what: str, program: str, function: str) -> list[str]:
    """Whether a program is short, can be parsed and defines the function at its top."""
    text = program_in(program)
    if len(text) > MAX_PROGRAM_CHARS:
        return [f"{what} is longer than {MAX_PROGRAM_CHARS} characters"]
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as problem:
        return [f"{what} is no Python: {problem}"]
    if not any(isinstance(node, ast.FunctionDef) and node.name == function for node in body):
        return [f"{what} does not define `{function}`"]
    return []


def _case(test: CaseAnswer, function: str) -> Case:
    """A test as data: nothing in it can run; ValueError says what else it holds."""
    if max(len(test.call), len(test.expected)) > MAX_CASE_CHARS:
        raise ValueError(f"it is longer than {MAX_CASE_CHARS} characters")
    try:
        call = ast.parse(test.call.strip(), mode="eval").body
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or call.func.id != function:
            raise ValueError(f"`{test.call}` is no call of `{function}`")
        for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
            ast.literal_eval(argument)
        return Case(ast.unparse(call), ast.literal_eval(test.expected.strip()))
    except (SyntaxError, TypeError, RecursionError, MemoryError):
        raise ValueError(f"`{test.call}` and `{test.expected}` must be a call and a Python literal") from None
    except ValueError as problem:
        said = str(problem)
        plain = f"`{test.call}` -> `{test.expected}` is not literal"
        raise ValueError(said if "is no call" in said else plain) from None


def _code_shown(seen: str, task: Task) -> list[str]:
    """Whether the statement shows lines of the reference that do the work."""
    lines = [line.strip() for line in task.reference.splitlines()]
    dull = ("def ", "#", '"', "import", "from ")
    working = {"".join(line.split()) for line in lines if len(line) > 8 and not line.startswith(dull)}
    told = {"".join(line.strip().strip("`").split()) for line in seen.splitlines()}
    shown = working & told
    return [f"the statement shows {len(shown)} of the reference's {len(working)} lines"] if shown else []

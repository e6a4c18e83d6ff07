"""The code verifier: a task with hidden tests, proved before it is asked; an answer passes if all tests do."""

from collections.abc import Sequence

from autodata.errors import ItemError
from autodata.models.request import Reply, Schema
from autodata.models.structured import read_answer, schema_of
from autodata.schemas import Document, Item, Judgment
from autodata.verifiers.base import Brief, PastRound
from autodata.verifiers.code.tasks import (
    MAX_PROGRAM_CHARS,
    TESTS,
    WRONG,
    TaskAnswer,
    item_of_task,
    statement_problems,
    task_in,
    task_of,
)
from autodata.verifiers.code.trust import first_missed, trust_problems
from autodata.verifiers.programs import program_in
from autodata.verifiers.sandbox import Sandbox

CONTEXT_CHARS = (150, 6_000)
"""The solvers see nothing else of the document."""
_SCHEMA: Schema = schema_of(TaskAnswer, "code_task")


class CodeVerifier:
    """Programming tasks whose answers are run against tests that no solver sees."""

    name = "code"
    vouches = False  # code proves the tests; whether the statement says what they want is for a reader

    def __init__(self) -> None:
        self._sandbox = Sandbox()

    def brief(self, document: Document, past: Sequence[PastRound], seed: int) -> Brief:
        """Ask for a task, a reference, tests and wrong solutions."""
        limits = {
            "tests_min": TESTS[0] + 2,  # asked for more than is needed: a test that is wrong can be left out
            "tests_max": TESTS[1],
            "wrong_min": WRONG[0],
            "wrong_max": WRONG[1],
            "program_max": MAX_PROGRAM_CHARS,
            "context_min": CONTEXT_CHARS[0],
        }
        return Brief(_SCHEMA, {name: str(limit) for name, limit in limits.items()})

    async def compose(self, document: Document, past: Sequence[PastRound], reply: Reply) -> Item:
        """The item of a task whose reference passes, wrong solutions fail, and tests notice small mistakes."""
        answer = read_answer(reply.text, TaskAnswer, reply.truncated)
        task = task_of(answer)
        item = item_of_task(answer, task)
        problems = statement_problems(item, task, document, CONTEXT_CHARS)
        problems = problems or await trust_problems(self._sandbox, task)
        if problems:
            raise ItemError("; ".join(problems), item)
        return item

    async def check(self, item: Item, answer: str) -> Judgment:
        """Run the answer's program against each hidden test; one that fails fails the answer."""
        task = task_in(item)
        missed = await first_missed(self._sandbox, program_in(answer, task.function), task.cases)
        evidence = f"{len(task.cases)} tests pass" if missed is None else str(missed)
        return Judgment(judge=self.name, met=(missed is None,), evidence=(evidence,))

    async def close(self) -> None:
        """End the sandbox."""
        await self._sandbox.close()

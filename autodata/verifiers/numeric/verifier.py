"""The numeric verifier: plans over a document's tables become questions, programs check the answers."""

import math
import random
import sys
from collections.abc import Sequence

from autodata.errors import ItemError, UnsuitableError
from autodata.models.request import Reply, Schema
from autodata.models.structured import read_object
from autodata.schemas import Criterion, Document, Item, Judgment
from autodata.verifiers.base import Brief, PastRound
from autodata.verifiers.numeric.kinds import KINDS
from autodata.verifiers.numeric.plans import offered, plan_schema, read_plan
from autodata.verifiers.numeric.tables import Table, read_tables
from autodata.verifiers.numeric.wording import render
from autodata.verifiers.programs import program_in
from autodata.verifiers.sandbox import Sandbox

TOLERANCE = 0.002
"""Relative: an answer that is rounded to three digits still counts."""
MOST_KINDS = 3
"""Kinds of question to choose from in a round, drawn anew: small models take the first of a long list."""
MOST_ROWS, MOST_COLUMNS = 30, 12
"""A larger table is passed over: the question's context shows the whole table."""


class NumericVerifier:
    """Questions over tables whose reference is computed, so that no judge is needed."""

    name = "numeric"
    vouches = True

    def __init__(self) -> None:
        self._sandbox = Sandbox()

    def brief(self, document: Document, past: Sequence[PastRound], seed: int) -> Brief:
        """Offer the plans of the difficulty that past rounds call for, over one of the document's tables."""
        table = self._table(document, len(past))
        fresh = offered(table, past)
        kinds = random.Random(seed).sample(fresh, min(len(fresh), MOST_KINDS))
        described = "\n".join(f"- {kind.name}: {kind.needs}" for kind in kinds)
        schema = Schema("plan", plan_schema(table, kinds, seed))
        return Brief(schema, {"kinds": described})

    async def compose(self, document: Document, past: Sequence[PastRound], reply: Reply) -> Item:
        """Word the plan, run its program for the reference, and bind both into an item."""
        table = self._table(document, len(past))
        chosen = read_plan(table, read_object(reply.text, reply.truncated))
        kind = KINDS[chosen.kind]
        draft = kind.write(table, chosen)
        value, error = await self._sandbox.run(draft.program)
        if error is not None or not _is_number(value):
            raise ItemError(f"the reference cannot be computed: {error or value}")
        if abs(value) < 1e-9:
            raise ItemError("the reference is zero, which says nothing")
        criterion = f"The program's `answer` equals {value:.10g} within {TOLERANCE:.1%}."
        return Item(
            context=f"{document.title}\n\n{render(table)}",
            question=draft.question,
            question_type=chosen.kind,
            reasoning_skills=kind.skills,
            reference_answer=f"{value:.10g}",
            rubric=(Criterion(criterion=criterion, weight=1),),
        )

    async def check(self, item: Item, answer: str) -> Judgment:
        """Run the answer's program; it passes if its `answer` is the reference within the tolerance."""
        value, error = await self._sandbox.run(program_in(answer))
        reference = float(item.reference_answer)
        right = _is_number(value) and math.isclose(value, reference, rel_tol=TOLERANCE)
        got = f"answer = {value!r}"[:120] if error is None else f"no answer: {error}"
        return Judgment(judge="numeric", met=(right,), evidence=(got,))

    async def close(self) -> None:
        """End the sandbox."""
        await self._sandbox.close()

    @staticmethod
    def _table(document: Document, round: int) -> Table:
        """The table that a round is about: with several, each round turns to the next."""
        tables = usable_tables(document)
        if not tables:
            raise UnsuitableError("it has no table with two or more named rows and a column of numbers")
        return tables[round % len(tables)]


def usable_tables(document: Document) -> list[Table]:
    """The document's tables of which at least one kind of question can be asked, and that a context can hold."""
    return [
        table
        for table in read_tables(document.text)
        if len(table.rows) <= MOST_ROWS and len(table.columns) <= MOST_COLUMNS and offered(table, [])
    ]


def _is_number(value: object) -> bool:
    """Whether a value is a number that a reference can be compared with: finite, and no larger than a float."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < sys.float_info.max

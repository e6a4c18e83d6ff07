"""The symbolic verifier: questions with one short exact answer, compared by algebra before any judge is asked."""

from collections.abc import Sequence

from autodata.errors import ItemError
from autodata.models.request import Reply
from autodata.models.structured import read_answer, schema_of
from autodata.schemas import Criterion, Document, Item, Judgment, QuestionAnswer
from autodata.verifiers.base import Brief, PastRound
from autodata.verifiers.symbolic.comparing import Comparer
from autodata.verifiers.symbolic.form import answer_problems, final_answer, has_symbols, question_problems

_CRITERION = "The final answer is equivalent to: "
_BRIEF = Brief(schema_of(QuestionAnswer, "question"), {})


class SymbolicVerifier:
    """Questions that the challenger writes freely, and answers that algebra or else the judge decides."""

    name = "symbolic"
    vouches = False

    def __init__(self) -> None:
        self._comparer = Comparer()

    def brief(self, document: Document, past: Sequence[PastRound], seed: int) -> Brief:
        """A question and its answer; there is nothing to prepare."""
        return _BRIEF

    async def compose(self, document: Document, past: Sequence[PastRound], reply: Reply) -> Item:
        """An item whose one criterion is its answer, if question and answer are of the right form."""
        written = read_answer(reply.text, QuestionAnswer, reply.truncated)
        problems = question_problems(written.question) + answer_problems(written.reference_answer)
        if not problems:
            problems = await self._integer_problems(written.reference_answer)
        if problems:
            raise ItemError("; ".join(problems))
        # The answer is the criterion: so the item's hash binds it, and the judge decides one plain statement.
        criterion = f"{_CRITERION}{written.reference_answer}"
        return Item(
            context=written.context.strip(),
            question=written.question,
            question_type=written.question_type,
            reasoning_skills=tuple(written.reasoning_skills),
            reference_answer=written.reference_answer,
            rubric=(Criterion(criterion=criterion, weight=1),),
        )

    async def check(self, item: Item, answer: str) -> Judgment | None:
        """Compare the final answer with the reference; None if there is none to compare or algebra cannot tell."""
        final = final_answer(answer)
        if final is None:
            return None
        reference = item.rubric[0].criterion.removeprefix(_CRITERION)
        verdict = await self._comparer.compare(reference, final)
        if verdict == "undecided":
            return None
        return Judgment(judge=self.name, met=(verdict == "equal",), evidence=(f"{verdict}: {final[:200]}",))

    async def close(self) -> None:
        """End the worker processes."""
        await self._comparer.close()

    async def _integer_problems(self, answer: str) -> list[str]:
        if has_symbols(answer):
            return []
        found = await self._comparer.is_integer(answer)
        if found is None:
            return ["the answer takes too long to evaluate; give a simpler one"]
        return ["the answer is a bare integer, which can be guessed; ask for a formula or a name"] if found else []

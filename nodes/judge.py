"""The judge: decides each criterion for one answer, without the reference, the document or the solver's name."""

from autodata.errors import ReplyError
from autodata.models.asking import ask_structured
from autodata.models.request import Reply, Seat
from autodata.models.structured import read_answer, schema_of
from autodata.rubrics import rubric_lines
from autodata.schemas import Item, JudgeAnswer, Judgment
from nodes.resources import Resources

ANSWER = schema_of(JudgeAnswer, "judge")
ASKS = 2
"""An unreadable judgment is asked for once more, each time with one repair; then the attempt is invalid."""


async def judge(resources: Resources, item: Item, seat: Seat, answer: str) -> Judgment:
    """A verdict a criterion, by code where it can tell; ReplyError if the judge's answers stay unreadable."""
    if resources.verifier is not None:
        decided = await resources.verifier.check(item, answer)
        if decided is not None:
            return decided
    values = {
        "context": item.context,
        "question": item.question,
        "rubric": rubric_lines(item.rubric),
        "answer": answer,
    }
    messages = resources.domain.prompt("judge").messages(values)
    # The judge's seat is the same for both solvers: nothing in what it is asked tells them apart.
    request = resources.request(seat._replace(role="judge"), messages, ANSWER)

    async def read(reply: Reply) -> Judgment:
        return judgment_of(read_answer(reply.text, JudgeAnswer, reply.truncated), len(item.rubric))

    return await ask_structured(resources.gateway, request, read, resources.settings.seed, ASKS)


def judgment_of(answer: JudgeAnswer, criteria: int) -> Judgment:
    """The verdicts in rubric order; ReplyError if a criterion is missing, doubled or unknown: none is guessed."""
    by_number = {verdict.criterion: verdict for verdict in answer.verdicts}
    if len(by_number) < len(answer.verdicts):
        raise ReplyError("a criterion has two verdicts")
    if sorted(by_number) != list(range(1, criteria + 1)):
        raise ReplyError(f"it must hold one verdict for each criterion from 1 to {criteria}")
    ordered = [by_number[number] for number in range(1, criteria + 1)]
    return Judgment(
        judge="judge",
        met=tuple(verdict.met for verdict in ordered),
        evidence=tuple(verdict.evidence for verdict in ordered),
    )

"""The quality verifier, before the solvers and again as the audit after them: does the item test reasoning?"""

from typing import Any, Literal

from langgraph.runtime import Runtime
from typing_extensions import TypedDict

from autodata.errors import ReplyError
from autodata.models.asking import ask_structured
from autodata.models.request import Reply, Seat
from autodata.models.structured import read_answer, schema_of
from autodata.rounds import ProblemLine, QualityLine, problem_line, shown
from autodata.rubrics import rubric_lines
from autodata.schemas import Document, Failure, Item, QualityAnswer
from nodes.context import Context, context_of
from nodes.novelty import repeats_the_run
from nodes.resources import Resources

ANSWER = schema_of(QualityAnswer, "quality_verifier")
ASKS = 2
"""An unreadable verdict is asked for once more before the round is invalid."""

Stage = Literal["quality", "audit"]


class QualityInput(TypedDict):
    """What these nodes read."""

    document: dict[str, str]
    round: int
    item: dict[str, Any]


class QualityUpdate(TypedDict, total=False):
    """The only keys that `verify_quality` writes."""

    quality: QualityLine
    problem: ProblemLine


class AuditUpdate(TypedDict, total=False):
    """The only keys that `audit` writes."""

    audit: QualityLine
    problem: ProblemLine


async def verify_quality(state: QualityInput, runtime: Runtime[Context]) -> QualityUpdate:
    """Check the item before any solver is paid."""
    try:
        return {"quality": await _checked(state, runtime, "quality")}
    except ReplyError as problem:
        return {"problem": problem_line(Failure.INVALID, f"quality verifier: {problem}")}


async def audit(state: QualityInput, runtime: Runtime[Context]) -> AuditUpdate:
    """Check once more what both gates let through, for what an owner of the data would not want in it."""
    resources = await context_of(runtime).resources()
    item = Item.model_validate(state["item"])
    repeat = await repeats_the_run(resources, state["document"]["id"], state["round"], item, "accepted")
    if repeat:
        return {"problem": problem_line(Failure.NOT_NOVEL, repeat)}
    try:
        return {"audit": await _checked(state, runtime, "audit")}
    except ReplyError as problem:
        return {"problem": problem_line(Failure.INVALID, f"audit: {problem}")}


async def _checked(state: QualityInput, runtime: Runtime[Context], stage: Stage) -> QualityLine:
    """The verdict of a stage, bound to the item's hash; an item that code vouches for needs no model's."""
    resources = await context_of(runtime).resources()
    item = Item.model_validate(state["item"])
    if resources.verifier is not None and resources.verifier.vouches:
        return QualityLine(item=item.hash[:12], passed=True, issues=[], suggestion="")
    document = await resources.shown(state["document"]["id"], state["round"])
    answer = await _asked(resources, document, item, state["round"], stage)
    issues = [] if answer.passed else answer.issues or [answer.suggestion or "refused without a reason"]
    resources.ledger.check(item, stage, answer.passed, issues)
    return QualityLine(
        item=item.hash[:12],
        passed=answer.passed,
        issues=[shown(issue, 300) for issue in issues[:6]],
        suggestion=shown(answer.suggestion, 300),
    )


def quality_values(document: Document, item: Item) -> dict[str, str]:
    """What the verifier's prompt is filled with."""
    positive, total = sum(criterion.weight > 0 for criterion in item.rubric), len(item.rubric)
    return {
        "title": document.title,
        "document": document.text,
        "fence": document.fence,
        "context": item.context,
        "question": item.question,
        "question_type": item.question_type,
        "reference_answer": item.reference_answer,
        "rubric": rubric_lines(item.rubric, weights=True),
        "counts": f"Positive: {positive}, Negative: {total - positive}, Total: {total}",
    }


async def _asked(resources: Resources, document: Document, item: Item, round: int, stage: Stage) -> QualityAnswer:
    """The verifier's answer. Each stage has one seat an item: no verdict is asked for until it suits."""
    prompt = resources.domain.prompt("quality_verifier")
    values = prompt.with_rules(resources.settings.rubric_style, quality_values(document, item))
    messages = prompt.messages(values, *(["audit"] if stage == "audit" else []))
    seat = Seat(document.id, round, "quality_verifier", attempt=1 if stage == "quality" else 2)

    async def read(reply: Reply) -> QualityAnswer:
        return read_answer(reply.text, QualityAnswer, reply.truncated)

    request = resources.request(seat, messages, ANSWER)
    return await ask_structured(resources.gateway, request, read, resources.settings.seed, ASKS)

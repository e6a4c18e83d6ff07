"""The challenger: writes one item from the document, told of every question that failed before."""

from typing import Any

from langgraph.runtime import Runtime
from typing_extensions import TypedDict

from autodata.checks.table import found_in
from autodata.errors import ItemError, ReplyError, UnsuitableError
from autodata.models.asking import ask_structured
from autodata.models.request import Reply, Seat
from autodata.models.structured import read_answer, schema_of
from autodata.prompting import Domain
from autodata.rounds import ProblemLine, RoundEntry, problem_line, shown
from autodata.rubrics import item_of
from autodata.schemas import ChallengerAnswer, Document, Failure, Item
from autodata.verifiers import Brief, PastRound
from nodes.context import Context, context_of
from nodes.feedback import Tried
from nodes.resources import Resources

RUBRIC = Brief(schema_of(ChallengerAnswer, "challenger"), {})
"""What is asked for where no verifier says otherwise."""


class ChallengeInput(TypedDict):
    """What this node reads."""

    document: dict[str, str]
    round: int
    feedback: str
    rounds: list[RoundEntry]
    tried: list[Tried]


class ChallengeUpdate(TypedDict, total=False):
    """The only keys that this node writes."""

    item: dict[str, Any] | None
    problem: ProblemLine | None
    verdict: str | None


async def challenge(state: ChallengeInput, runtime: Runtime[Context]) -> ChallengeUpdate:
    """Ask for an entirely new item; one repair, then the round is lost."""
    resources = await context_of(runtime).resources()
    document = await resources.document(state["document"]["id"])
    try:
        item = await _written(resources, document, state)
    except UnsuitableError as problem:
        return {"verdict": "unsuitable", **_refused(Failure.INVALID, str(problem))}
    except ItemError as problem:
        return _refused(Failure.FAILED_QV, str(problem), problem.item)
    except ReplyError as problem:
        return _refused(Failure.INVALID, f"challenger: {problem}")
    resources.ledger.item(item)
    asked = shown(item.question).casefold()
    if any(asked == entry["question"].casefold() for entry in state["rounds"]):
        return _refused(Failure.NOT_NOVEL, "the question was asked in an earlier round", item)
    return {"item": item.model_dump(mode="json"), "problem": None}


def _refused(failure: Failure, reason: str, item: Item | None = None) -> ChallengeUpdate:
    """No item to go on with."""
    shown_item = item.model_dump(mode="json") if item else None
    return {"item": shown_item, "problem": problem_line(failure, reason)}


async def _written(resources: Resources, document: Document, state: ChallengeInput) -> Item:
    """An item that the model writes, as its verifier asks for it and reads it, or in full with a rubric."""
    domain, verifier, style = resources.domain, resources.verifier, resources.settings.rubric_style
    past = _past(state)
    seat = Seat(document.id, state["round"], "challenger")
    brief = RUBRIC if verifier is None else verifier.brief(document, past, seat.seed(resources.settings.seed))
    prompt = domain.prompt("challenger")
    values = prompt.with_rules(style, challenger_values(domain, document, state["feedback"], brief))
    more = ["feedback", "task"] if state["feedback"] else ["task"]
    request = resources.request(seat, prompt.messages(values, *more), brief.schema)

    async def read(reply: Reply) -> Item:
        if verifier is not None:
            return _checked(resources, document, await verifier.compose(document, past, reply))
        answer = read_answer(reply.text, ChallengerAnswer, reply.truncated)
        return _checked(resources, document, item_of(answer, domain.file, style))

    return await ask_structured(resources.gateway, request, read, resources.settings.seed)


def challenger_values(domain: Domain, document: Document, feedback: str, brief: Brief = RUBRIC) -> dict[str, str]:
    """What the challenger's prompt is filled with."""
    limits = domain.file.rubric
    return {
        "title": document.title,
        "document": document.text,
        "fence": document.id[:8],
        "feedback": feedback,
        "criteria_min": str(limits.asked[0]),
        "criteria_max": str(limits.asked[1]),
        "context_min": str(domain.file.context_chars[0]),
        **brief.texts,
    }


def _checked(resources: Resources, document: Document, item: Item) -> Item:
    """The item, if none of the domain's checks finds anything; else an ItemError that names what was found."""
    checks = resources.domain.file.checks
    if not checks:
        return item
    problems = found_in(item, document, checks)
    resources.ledger.item(item)
    resources.ledger.check(item, "code", not problems, problems)
    if problems:
        raise ItemError("; ".join(problems), item)
    return item


def _past(state: ChallengeInput) -> list[PastRound]:
    """The earlier rounds that failed, as a verifier needs to know them."""
    return [
        PastRound(past["question_type"], Failure(entry["failure"]))
        for past, entry in zip(state["tried"], state["rounds"], strict=True)
        if entry["failure"]
    ]

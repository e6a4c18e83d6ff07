"""The challenger: writes one item from the document, told of every question that failed before."""

from collections.abc import Awaitable, Callable
from typing import Any

from langgraph.runtime import Runtime
from typing_extensions import TypedDict

from autodata.errors import ItemError, ReplyError, UnsuitableError
from autodata.models.asking import ask_structured
from autodata.models.request import Reply, Seat
from autodata.models.structured import read_answer, schema_of
from autodata.rounds import ProblemLine, RoundEntry, problem_line
from autodata.rubrics import item_of
from autodata.schemas import ChallengerAnswer, Document, Failure, Item
from autodata.verifiers import Brief, PastRound
from nodes.context import Context, context_of
from nodes.feedback import Tried
from nodes.novelty import repeats_its_document, repeats_the_run
from nodes.resources import Resources

_RUBRIC = Brief(schema_of(ChallengerAnswer, "challenger"), {})
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

    async def check(item: Item) -> ProblemLine | None:
        repeat = repeats_its_document(resources, item, state["rounds"])
        repeat = repeat or await repeats_the_run(resources, document.id, state["round"], item, "new")
        return problem_line(Failure.NOT_NOVEL, repeat) if repeat else None

    return await proposed(resources, _written(resources, document, state), check)


async def proposed(
    resources: Resources, writing: Awaitable[Item], check: Callable[[Item], Awaitable[ProblemLine | None]]
) -> ChallengeUpdate:
    """The item that is being written, recorded, with what `check` has against it; or why there is none."""
    try:
        item = await writing
    except UnsuitableError as problem:
        return {"verdict": "unsuitable", **_refused(Failure.INVALID, str(problem))}
    except ItemError as problem:
        return _refused(Failure.FAILED_QV, str(problem))
    except ReplyError as problem:
        return _refused(Failure.INVALID, f"challenger: {problem}")
    resources.ledger.item(item)
    return {"item": item.model_dump(mode="json"), "problem": await check(item)}


def _refused(failure: Failure, reason: str) -> ChallengeUpdate:
    """No item to go on with."""
    return {"item": None, "problem": problem_line(failure, reason)}


async def _written(resources: Resources, document: Document, state: ChallengeInput) -> Item:
    """An item that the model writes, as its verifier asks for it and reads it, or in full with a rubric."""
    domain, verifier = resources.domain, resources.verifier
    past = _past(state)
    seat = Seat(document.id, state["round"], "challenger")
    brief = _RUBRIC if verifier is None else verifier.brief(document, past, seat.seed(resources.settings.seed))
    limits = domain.file.rubric
    part = await resources.shown(document.id, state["round"])
    values = {
        "title": part.title,
        "document": part.text,
        "fence": part.fence,
        "feedback": state["feedback"],
        "criteria_min": str(limits.asked[0]),
        "criteria_max": str(limits.asked[1]),
        "context_min": str(domain.file.context_chars[0]),
        **brief.texts,
    }
    more = ["feedback", "task"] if state["feedback"] else ["task"]
    request = resources.request(seat, domain.prompt("challenger").messages(values, *more), brief.schema)

    async def read(reply: Reply) -> Item:
        if verifier is not None:
            return await verifier.compose(document, past, reply)
        return item_of(read_answer(reply.text, ChallengerAnswer, reply.truncated), domain.file)

    return await ask_structured(resources.gateway, request, read, resources.settings.seed)


def _past(state: ChallengeInput) -> list[PastRound]:
    """The earlier rounds that failed, as a verifier needs to know them."""
    return [
        PastRound(past["question_type"], Failure(entry["failure"]))
        for past, entry in zip(state["tried"], state["rounds"], strict=True)
        if entry["failure"]
    ]

"""The challenger: writes one item from the document, told of every question that failed before."""

from collections.abc import Awaitable, Callable
from typing import Any

from langgraph.runtime import Runtime
from typing_extensions import TypedDict

from autodata.checks.table import found_in
from autodata.errors import ItemError, ReplyError, UnsuitableError
from autodata.models.asking import ask_structured
from autodata.models.request import Reply, Seat
from autodata.models.structured import read_answer, schema_of
from autodata.prompting import Domain
from autodata.rounds import ProblemLine, RoundEntry, problem_line
from autodata.rubrics import item_of
from autodata.schemas import ChallengerAnswer, Document, Failure, Item
from autodata.verifiers import Brief, PastRound
from nodes.context import Context, context_of
from nodes.feedback import Tried
from nodes.novelty import repeats_its_document, repeats_the_run
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
    return await draft(await context_of(runtime).resources(), state)


async def draft(resources: Resources, state: ChallengeInput, number: int = 1, angle: str = "") -> ChallengeUpdate:
    """One challenger's item: the only one, or one of several with an angle of its own."""
    document = await resources.document(state["document"]["id"])

    async def check(item: Item) -> ProblemLine | None:
        stage = "new" if number == 1 else f"new {number}"
        repeat = repeats_its_document(resources, item, state["rounds"])
        repeat = repeat or await repeats_the_run(resources, document.id, state["round"], item, stage)
        return problem_line(Failure.NOT_NOVEL, repeat) if repeat else None

    return await proposed(resources, _written(resources, document, state, number, angle), check)


async def proposed(
    resources: Resources, writing: Awaitable[Item], check: Callable[[Item], Awaitable[ProblemLine | None]]
) -> ChallengeUpdate:
    """The item that is being written, recorded, with what `check` has against it; or why there is none."""
    try:
        item = await writing
    except UnsuitableError as problem:
        return {"verdict": "unsuitable", **_refused(Failure.INVALID, str(problem))}
    except ItemError as problem:
        return _refused(Failure.FAILED_QV, str(problem), problem.item)
    except ReplyError as problem:
        return _refused(Failure.INVALID, f"challenger: {problem}")
    resources.ledger.item(item)
    return {"item": item.model_dump(mode="json"), "problem": await check(item)}


def _refused(failure: Failure, reason: str, item: Item | None = None) -> ChallengeUpdate:
    """No item to go on with; the refused one is shown where there is one."""
    return {"item": item.model_dump(mode="json") if item else None, "problem": problem_line(failure, reason)}


async def _written(
    resources: Resources, document: Document, state: ChallengeInput, number: int, angle: str
) -> Item:
    """An item that the model writes, as its verifier asks for it and reads it, or in full with a rubric."""
    domain, verifier, style = resources.domain, resources.verifier, resources.settings.rubric_style
    past = _past(state)
    seat = Seat(document.id, state["round"], "challenger", number)
    brief = RUBRIC if verifier is None else verifier.brief(document, past, seat.seed(resources.settings.seed))
    part = await resources.shown(document.id, state["round"])
    prompt = domain.prompt("challenger")
    values = prompt.with_rules(style, challenger_values(domain, part, state["feedback"], brief, angle))
    more = ["feedback", "task"] if state["feedback"] else ["task"]
    request = resources.request(seat, prompt.messages(values, *more), brief.schema)

    async def read(reply: Reply) -> Item:
        if verifier is not None:
            return _checked(resources, document, await verifier.compose(document, past, reply))
        answer = read_answer(reply.text, ChallengerAnswer, reply.truncated)
        return _checked(resources, document, item_of(answer, domain.file, style))

    return await ask_structured(resources.gateway, request, read, resources.settings.seed)


def challenger_values(
    domain: Domain, document: Document, feedback: str, brief: Brief = RUBRIC, angle: str = ""
) -> dict[str, str]:
    """What the challenger's prompt is filled with."""
    limits = domain.file.rubric
    return {
        "title": document.title,
        "document": document.text,
        "fence": document.fence,
        "feedback": feedback,
        "angle": angle,
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

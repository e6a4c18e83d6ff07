"""The writer of legal items: invents a client's question from the extract, and improves it round by round."""

from langgraph.runtime import Runtime
from typing_extensions import TypedDict

from autodata.legal import ExtractAnswer, WriterAnswer, legal_item
from autodata.models.asking import ask_structured
from autodata.models.request import Reply, Seat
from autodata.models.structured import read_answer, schema_of
from autodata.overrides import overrides
from autodata.packet import Assessed, packet_of, packet_text
from autodata.rounds import ProblemLine, problem_line
from autodata.rubrics import rubric_lines
from autodata.schemas import Failure, Item
from nodes.challenge import ChallengeUpdate, proposed
from nodes.context import Context, context_of
from nodes.extract import ExtractLine, extract_of
from nodes.feedback import Tried
from nodes.novelty import repeats_the_run
from nodes.resources import Resources

ANSWER = schema_of(WriterAnswer, "writer")


class WriteInput(TypedDict):
    """What this node reads."""

    document: dict[str, str]
    round: int
    feedback: str
    extract: ExtractLine
    tried: list[Tried]
    assessed: list[Assessed]


async def write(state: WriteInput, runtime: Runtime[Context]) -> ChallengeUpdate:
    """Write an item, or improve the last one; what code refuses never reaches a solver."""
    resources = await context_of(runtime).resources()
    found = await extract_of(resources, state["document"]["id"], state["extract"])

    async def check(item: Item) -> ProblemLine | None:
        refused = refusal(item, state["tried"])
        if refused:
            return refused
        repeat = await repeats_the_run(resources, state["document"]["id"], state["round"], item, "new")
        return problem_line(Failure.NOT_NOVEL, repeat) if repeat else None

    return await proposed(resources, _written(resources, found, state), check)


def refusal(item: Item, past: list[Tried]) -> ProblemLine | None:
    """Why code refuses an item, whatever anybody would say of it; None if it may be attempted."""
    fired = overrides(item.question)
    if fired:
        return problem_line(Failure.FAILED_QV, f"code override: {', '.join(fired)}")
    if any(one["item"] == item.hash for one in past):
        return problem_line(Failure.NOT_NOVEL, "question and rubric are those of an earlier round")
    return None


async def _written(resources: Resources, found: ExtractAnswer, state: WriteInput) -> Item:
    domain = resources.domain
    limits = domain.file.rubric
    values = {
        "fence": state["document"]["id"][:8],
        "document_type": found.document_type,
        "topics": ", ".join(found.topic_keywords),
        "issues": _list(found.issues),
        "facts": found.facts,
        "holdings": _list(found.holdings),
        "criteria_min": str(limits.asked[0]),
        "criteria_max": str(limits.asked[1]),
        **await _last(resources, state),
    }
    more = ["feedback", "task"] if state["feedback"] else ["task"]
    messages = domain.prompt("challenger").messages(values, *more)
    request = resources.request(Seat(state["document"]["id"], state["round"], "challenger"), messages, ANSWER)

    async def read(reply: Reply) -> Item:
        return legal_item(read_answer(reply.text, WriterAnswer, reply.truncated), found.holdings, limits)

    return await ask_structured(resources.gateway, request, read, resources.settings.seed)


async def _last(resources: Resources, state: WriteInput) -> dict[str, str]:
    """The item that is to be improved, and what the rollouts did on it if it was attempted."""
    hash = next((one["item"] for one in reversed(state["tried"]) if one["group"] and one["item"]), "")
    if not hash:
        return {"feedback": state["feedback"], "question": "(none could be used)", "packet": "(none)"}
    item = await resources.ledger.read_item(hash)
    tested = next((one for one in state["assessed"] if one["item"] == hash), None)
    told = rubric_lines(item.rubric, weights=True)
    if tested is not None:
        told = packet_text(packet_of(item, tested["weak"], tested["strong"]))
    return {"feedback": state["feedback"], "question": item.question, "packet": told}


def _list(entries: list[str]) -> str:
    return "\n".join(f"- {entry}" for entry in entries)

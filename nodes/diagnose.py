"""The optional second half of the orchestrator: a model reads what the solvers wrote and advises; code decides."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from autodata.errors import ReplyError
from autodata.models.asking import ask_structured
from autodata.models.request import Reply, Seat
from autodata.models.structured import read_answer, schema_of
from autodata.rounds import AttemptLine
from autodata.rubrics import rubric_lines
from autodata.schemas import Item, OrchestratorAnswer
from nodes.resources import Resources

if TYPE_CHECKING:
    from nodes.orchestrate import RoundInput

ANSWER = schema_of(OrchestratorAnswer, "orchestrator")
ANSWER_CHARS = 3_000
"""How much of each solver's answer the diagnosis reads."""


async def diagnose(resources: Resources, state: "RoundInput", failures: str) -> str:
    """The failure list, and under it the orchestrator's diagnosis; the list alone if that stays unreadable."""
    prompt = resources.domain.prompt("orchestrator")
    item = Item.model_validate(state["item"]) if state["item"] else None
    attempts = [*state["weak"], *state["strong"]]
    values = {
        "title": state["document"]["title"],
        "failures": failures,
        "question": item.question if item else "",
        "rubric": rubric_lines(item.rubric, weights=True) if item else "",
        "attempts": await answers_of(resources, state["document"]["id"], attempts, ANSWER_CHARS),
    }
    seat = Seat(state["document"]["id"], state["round"], "orchestrator")
    request = resources.request(seat, prompt.messages(values), ANSWER)

    async def read(reply: Reply) -> OrchestratorAnswer:
        return read_answer(reply.text, OrchestratorAnswer, reply.truncated)

    try:
        advice = await ask_structured(resources.gateway, request, read, resources.settings.seed)
    except ReplyError:
        return failures
    told = {
        "diagnosis": advice.diagnosis,
        "next_angle": advice.next_angle,
        "difficulty": advice.difficulty,
        "avoid": "\n".join(f"- {entry}" for entry in advice.avoid),
    }
    return f"{failures}\n\n{prompt.fill('advice', told)}"


async def answers_of(resources: Resources, document: str, lines: Sequence[AttemptLine], chars: int) -> str:
    """What the solvers wrote, from the ledger, each with the criteria that it met."""
    told = []
    for line in lines:
        recorded = await resources.ledger.recall(document, bytes.fromhex(line["call"]))
        text = recorded.reply[:chars] if recorded else ""
        told.append(f"[{line['solver']} {line['index']}: met {line['met'] or line['status']}]\n{text}")
    return "\n\n".join(told)

"""The loop judge: given what every rollout did, says whether an item is worth learning from; code decides."""

from collections.abc import Sequence
from typing import Any

from langgraph.runtime import Runtime
from typing_extensions import TypedDict

from autodata.errors import ReplyError
from autodata.legal import LoopJudgeAnswer
from autodata.models.asking import ask_structured
from autodata.models.request import Reply, Seat
from autodata.models.structured import read_answer, schema_of
from autodata.packet import Assessed, Change, packet_of, packet_text, rubric_size
from autodata.rounds import AdviceLine, AttemptLine, ProblemLine, RoundEntry, problem_line, scores
from autodata.schemas import Failure, Item
from nodes.context import Context, context_of
from nodes.diagnose import answers_of
from nodes.novelty import repeats_the_run
from nodes.resources import Resources

ANSWER = schema_of(LoopJudgeAnswer, "loop_judge")
LOOP_JUDGES_ATTEMPT = 2
"""The loop judge is asked on the orchestrator's model, whose diagnosis has the first seat of a round."""
ASKS = 2
"""An unreadable verdict is asked for once more before the round is invalid."""
ANSWER_CHARS = 1_500
"""How much of each rollout's answer the loop judge reads."""


class AssessInput(TypedDict):
    """What this node reads."""

    document: dict[str, str]
    round: int
    item: dict[str, Any]
    weak: list[AttemptLine]
    strong: list[AttemptLine]
    rounds: list[RoundEntry]
    assessed: list[Assessed]


class AssessUpdate(TypedDict, total=False):
    """The only keys that this node writes."""

    advice: AdviceLine
    problem: ProblemLine
    assessed: list[Assessed]


async def assess(state: AssessInput, runtime: Runtime[Context]) -> AssessUpdate:
    """Ask the loop judge about an item whose attempts all have a verdict, and hold its rubric to the last one."""
    resources = await context_of(runtime).resources()
    item = Item.model_validate(state["item"])
    weak, strong = _met(item, state["weak"]), _met(item, state["strong"])
    if not weak or not strong:
        return {}  # the gate sees it too: the round is invalid, and nobody is asked
    before = state["assessed"]
    now = Assessed(round=state["round"], item=item.hash, weak=weak, strong=strong, verdict="")
    change = await _change(resources, item, now, before)
    try:
        answer = await _asked(resources, item, now, state, change)
    except ReplyError as problem:
        return {"problem": problem_line(Failure.INVALID, f"loop judge: {problem}")}
    resources.ledger.advice(item, answer.advice, answer.model_dump_json())
    judged = Assessed(**{**now, "verdict": ", ".join(answer.advice)})
    update: AssessUpdate = {"advice": _line(item, answer), "assessed": [*map(_without_rollouts, before), judged]}
    if change is not None and change.loosened:
        update["problem"] = problem_line(Failure.FAILED_QV, f"the rubric was loosened: {change}")
    elif answer.verdict == "accept":
        repeat = await repeats_the_run(resources, state["document"]["id"], state["round"], item, "accepted")
        if repeat:
            update["problem"] = problem_line(Failure.NOT_NOVEL, repeat)
    return update


def _without_rollouts(one: Assessed) -> Assessed:
    """An older round: only the last one's rollouts are looked at again, and the state stays small."""
    return Assessed(**{**one, "weak": [], "strong": []})


def _met(item: Item, lines: Sequence[AttemptLine]) -> list[str] | None:
    """Each attempt's booleans, in order; None if one has no verdict."""
    if scores(item, lines) is None:
        return None
    return [line["met"] for line in sorted(lines, key=lambda line: line["index"])]


async def _change(resources: Resources, item: Item, now: Assessed, before: Sequence[Assessed]) -> Change | None:
    """How the rubric and the weak solver's mean differ from the last assessed round's; None in the first."""
    if not before:
        return None
    last = await resources.ledger.read_item(before[-1]["item"])
    return Change(rubric_size(last, before[-1]["weak"]), rubric_size(item, now["weak"]))


async def _asked(
    resources: Resources, item: Item, now: Assessed, state: AssessInput, change: Change | None
) -> LoopJudgeAnswer:
    earlier = [
        f"- round {one['round']}: {one['verdict']}; {state['rounds'][one['round'] - 1]['feedback']}"
        for one in state["assessed"]
    ]
    document = state["document"]["id"]
    values = {
        "question": item.question,
        "packet": packet_text(packet_of(item, now["weak"], now["strong"])),
        "change": str(change) if change else "(this is the first round with rollouts)",
        "earlier": "\n".join(earlier) or "(none)",
        "attempts": await answers_of(resources, document, [*state["weak"], *state["strong"]], ANSWER_CHARS),
    }
    messages = resources.domain.prompt("loop_judge").messages(values)
    seat = Seat(document, now["round"], "orchestrator", LOOP_JUDGES_ATTEMPT)
    request = resources.request(seat, messages, ANSWER)

    async def read(reply: Reply) -> LoopJudgeAnswer:
        return read_answer(reply.text, LoopJudgeAnswer, reply.truncated)

    return await ask_structured(resources.gateway, request, read, resources.settings.seed, ASKS)


def _line(item: Item, answer: LoopJudgeAnswer) -> AdviceLine:
    return AdviceLine(
        item=item.hash[:12],
        verdict=answer.verdict,
        suitability=answer.grpo_suitability,
        reason=answer.verdict_reason,
        suggestion=answer.suggestion_for_writer,
    )

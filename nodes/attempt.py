"""One attempt: a solver answers from context and question alone, then a judge scores that answer."""

from typing import Any

from langgraph.runtime import Runtime
from typing_extensions import TypedDict

from autodata.errors import ReplyError
from autodata.models.request import Reply, Seat
from autodata.rounds import AttemptLine
from autodata.schemas import Attempt, AttemptStatus, Item, Judgment, Solver
from autodata.scoring import score
from nodes.context import Context, context_of
from nodes.inconclusive import solve
from nodes.judge import judge
from nodes.resources import Resources

SHOWN_WORDS = 12
"""How many of an answer's first and last words the state shows."""


class AttemptInput(TypedDict):
    """What one attempt is given: nothing of the document, the rubric's author or the other attempts."""

    document: dict[str, str]
    round: int
    item: dict[str, Any]
    solver: Solver
    index: int


class AttemptUpdate(TypedDict, total=False):
    """The only keys that this node writes: its line, under its solver's name."""

    weak: list[AttemptLine]
    strong: list[AttemptLine]


async def attempt(state: AttemptInput, runtime: Runtime[Context]) -> AttemptUpdate:
    """Solve, then judge. Trouble with the judge makes the attempt invalid, never a zero."""
    resources = await context_of(runtime).resources()
    item = Item.model_validate(state["item"])
    seat = Seat(state["document"]["id"], state["round"], state["solver"], state["index"])
    values = {"context": item.context, "question": item.question}
    request = resources.request(seat, resources.domain.prompt("solver").messages(values))
    try:
        request, reply = await solve(resources, request)
    except ReplyError:
        return _update(_line(item, seat, AttemptStatus.INVALID, "", request.key.hex(), None))
    status, judgment = await _judged(resources, item, seat, reply)
    tried = Attempt(
        solver=state["solver"],
        index=state["index"],
        status=status,
        text=reply.text,
        seed=request.seed,
        tokens_out=reply.usage.tokens_out,
        call=reply.key.hex(),
    )
    resources.ledger.attempt(item, tried, judgment)
    return _update(_line(item, seat, status, reply.text, tried.call, judgment))


def _update(line: AttemptLine) -> AttemptUpdate:
    return {"weak": [line]} if line["solver"] == "weak" else {"strong": [line]}


async def _judged(
    resources: Resources, item: Item, seat: Seat, reply: Reply
) -> tuple[AttemptStatus, Judgment | None]:
    """The status of an answer, and its judgment if it has one to judge."""
    if reply.truncated:
        return AttemptStatus.TRUNCATED, None
    if not reply.text:
        return AttemptStatus.EMPTY, None
    try:
        return AttemptStatus.ANSWERED, await judge(resources, item, seat, reply.text)
    except ReplyError:
        return AttemptStatus.INVALID, None


def _line(
    item: Item, seat: Seat, status: AttemptStatus, text: str, call: str, judgment: Judgment | None
) -> AttemptLine:
    """The attempt as the state shows it."""
    reached = "" if status is AttemptStatus.INVALID else "0"
    return AttemptLine(
        item=item.hash[:12],
        solver="weak" if seat.role == "weak" else "strong",
        index=seat.attempt,
        status=status.value,
        met="".join("1" if hit else "0" for hit in judgment.met) if judgment else "",
        score=str(score(item.rubric, judgment.met)) if judgment else reached,
        text=first_and_last(text),
        call=call,
    )


def first_and_last(text: str) -> str:
    """An answer's first and last words, or all of it if it is short."""
    words = text.split()
    if len(words) <= 2 * SHOWN_WORDS:
        return " ".join(words)[:400]
    return " ".join([*words[:SHOWN_WORDS], "...", *words[-SHOWN_WORDS:]])[:400]

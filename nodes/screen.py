"""The screening: several challengers' candidates, of which code and then a model choose the one to evaluate."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from langgraph.runtime import Runtime
from typing_extensions import TypedDict

from autodata.errors import ReplyError
from autodata.ledger.records import CandidateRecord
from autodata.models.asking import ask_structured
from autodata.models.request import Reply, Seat
from autodata.models.structured import read_answer, schema_of
from autodata.rounds import ProblemLine, problem_line, shown
from autodata.schemas import Failure, Item, ScreenAnswer
from nodes.challenge import ChallengeInput, draft
from nodes.context import Context, context_of
from nodes.resources import Resources

ANSWER = schema_of(ScreenAnswer, "screener")
SEAT = 2
"""The orchestrator's second seat in a round; the first writes the diagnosis."""
QUESTION_CHARS = 300


class CandidateInput(ChallengeInput):
    """What one of several challengers is given: its number, from 1, and its angle."""

    number: int
    angle: str


class CandidateLine(TypedDict):
    """A candidate as the state shows it; the item in full is in the ledger."""

    number: int
    item: str
    """The item's hash; empty if there is none."""
    question: str
    standing: str
    """`drafted` before the screening, then `chosen`, `not_chosen` or `refused`."""
    failure: str
    """Why code refused it; empty if it did not."""
    reason: str


class DraftUpdate(TypedDict):
    """The only key that `draft_candidate` writes."""

    drafts: list[CandidateLine]


class ScreenInput(TypedDict):
    """What the screening reads."""

    document: dict[str, str]
    round: int
    drafts: list[CandidateLine]


class ScreenUpdate(TypedDict, total=False):
    """The only keys that `screen` writes."""

    candidates: list[CandidateLine]
    item: dict[str, Any] | None
    problem: ProblemLine | None
    verdict: str | None


class Choice(NamedTuple):
    """The chosen candidate's number, or None; and what is said of each that was looked at."""

    number: int | None
    reasons: dict[int, str]


async def draft_candidate(state: CandidateInput, runtime: Runtime[Context]) -> DraftUpdate:
    """One challenger's candidate, checked by code."""
    made = await draft(await context_of(runtime).resources(), state, state["number"], state["angle"])
    item = Item.model_validate(made["item"]) if made["item"] else None
    problem = made["problem"]
    failure = "unsuitable" if made.get("verdict") else problem["failure"] if problem else ""
    line = CandidateLine(
        number=state["number"],
        item=item.hash if item else "",
        question=shown(item.question, QUESTION_CHARS) if item else "",
        standing="refused" if failure else "drafted",
        failure=failure,
        reason=problem["reason"] if problem else "",
    )
    return {"drafts": [line]}


async def screen(state: ScreenInput, runtime: Runtime[Context]) -> ScreenUpdate:
    """Choose the most promising of the valid candidates; every one is recorded with what became of it."""
    resources = await context_of(runtime).resources()
    lines = _without_repeats(sorted(state["drafts"], key=lambda line: line["number"]))
    valid = [line for line in lines if not line["failure"]]
    items = {line["number"]: await resources.ledger.read_item(line["item"]) for line in valid}
    choice = await _choice(resources, state, items)
    lines = [_screened(line, choice) for line in lines]
    for line in lines:
        resources.ledger.candidate(
            CandidateRecord(
                document=state["document"]["id"],
                round=state["round"],
                number=line["number"],
                item=line["item"] or None,
                standing=line["standing"],
                reason=line["reason"],
            )
        )
    if choice.number is None:
        return {"candidates": lines, "item": None, **_none(lines)}
    return {"candidates": lines, "item": items[choice.number].model_dump(mode="json"), "problem": None}


def _without_repeats(lines: Sequence[CandidateLine]) -> list[CandidateLine]:
    """Refuse what another candidate of the round asks too."""
    kept: list[CandidateLine] = []
    first: dict[str, int] = {}
    for line in lines:
        question = line["question"].casefold()
        if not line["failure"] and question in first:
            reason = f"candidate {first[question]} asks the same"
            line = {**line, "standing": "refused", "failure": Failure.NOT_NOVEL.value, "reason": reason}
        elif not line["failure"]:
            first[question] = line["number"]
        kept.append(line)
    return kept


async def _choice(resources: Resources, state: ScreenInput, items: dict[int, Item]) -> Choice:
    """The first promising candidate of the model's ranking; a single one goes to the quality verifier as it is."""
    if len(items) < 2:
        return Choice(next(iter(items), None), {})
    try:
        ranking = (await _asked(resources, state, items)).ranking
    except ReplyError as problem:  # a screening only saves cost: what it cannot rank is taken in order
        return Choice(min(items), dict.fromkeys(items, f"not ranked: {shown(str(problem), 200)}"))
    best = next((rank.candidate for rank in ranking if rank.promising), None)
    return Choice(best, {rank.candidate: rank.reason for rank in ranking})


async def _asked(resources: Resources, state: ScreenInput, items: dict[int, Item]) -> ScreenAnswer:
    """The ranking, with exactly one entry a candidate."""
    told = "\n\n".join(
        f"Candidate {number}\nContext: {item.context or '(none)'}\nQuestion: {item.question}\n"
        f"Answer: {item.reference_answer}"
        for number, item in items.items()
    )
    values = {"title": state["document"]["title"], "candidates": told}
    seat = Seat(state["document"]["id"], state["round"], "orchestrator", SEAT)
    request = resources.request(seat, resources.domain.prompt("screener").messages(values), ANSWER)

    async def read(reply: Reply) -> ScreenAnswer:
        return complete(read_answer(reply.text, ScreenAnswer, reply.truncated), items)

    return await ask_structured(resources.gateway, request, read, resources.settings.seed)


def complete(answer: ScreenAnswer, numbers: Sequence[int] | dict[int, Item]) -> ScreenAnswer:
    """The ranking itself; ReplyError if a candidate is missing, doubled or unknown: none is guessed."""
    ranked = [rank.candidate for rank in answer.ranking]
    if sorted(ranked) != sorted(numbers):
        raise ReplyError(f"it must rank each of the candidates {', '.join(map(str, numbers))} once")
    return answer


def _screened(line: CandidateLine, choice: Choice) -> CandidateLine:
    """A candidate's line after the screening."""
    if line["failure"]:
        return line
    standing = "chosen" if line["number"] == choice.number else "not_chosen"
    return {**line, "standing": standing, "reason": shown(choice.reasons.get(line["number"], ""), QUESTION_CHARS)}


def _none(lines: Sequence[CandidateLine]) -> ScreenUpdate:
    """Why no candidate is left, as the round's failure."""
    reason = "; ".join(f"candidate {line['number']}: {line['reason']}" for line in lines)
    failures = {line["failure"] for line in lines}
    if failures == {"unsuitable"}:
        return {"verdict": "unsuitable", "problem": problem_line(Failure.INVALID, lines[0]["reason"])}
    same = Failure(failures.pop()) if len(failures) == 1 and "" not in failures else Failure.FAILED_QV
    return {"problem": problem_line(same, reason)}

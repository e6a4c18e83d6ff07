"""The orchestrator: closes a round, turns its failure into feedback, and opens the next or ends."""

from typing import Any

from langgraph.runtime import Runtime
from typing_extensions import TypedDict

from autodata.acceptance import PolicyLine, policy_line, policy_named, policy_of
from autodata.ledger.records import RoundRecord
from autodata.rounds import (
    AdviceLine,
    AttemptLine,
    Evidence,
    ProblemLine,
    QualityLine,
    RoundEntry,
    Standing,
    shadow,
    shown,
    standing,
)
from autodata.schemas import Document, Item
from nodes.context import Context, context_of
from nodes.diagnose import diagnose
from nodes.feedback import Tried, failure_list, tried
from nodes.improve import orders
from nodes.resources import ClosedRound, Resources


class RoundInput(TypedDict):
    """What this node reads; as a document begins, only `document` counts."""

    document: dict[str, str]
    policy: PolicyLine
    round: int
    feedback: str
    item: dict[str, Any] | None
    problem: ProblemLine | None
    quality: QualityLine | None
    weak: list[AttemptLine]
    strong: list[AttemptLine]
    audit: QualityLine | None
    advice: AdviceLine | None
    rounds: list[RoundEntry]
    tried: list[Tried]
    verdict: str | None


class OrchestrateUpdate(TypedDict, total=False):
    """The only keys that this node writes."""

    document: dict[str, str]
    policy: PolicyLine
    round: int
    item: dict[str, Any] | None
    problem: ProblemLine | None
    quality: QualityLine | None
    weak: list[AttemptLine]
    strong: list[AttemptLine]
    audit: QualityLine | None
    advice: AdviceLine | None
    feedback: str
    rounds: list[RoundEntry]
    tried: list[Tried]
    verdict: str | None


async def orchestrate(state: RoundInput, runtime: Runtime[Context]) -> OrchestrateUpdate:
    """Close the round that failed, if one did, and open the next with the feedback of all before."""
    resources = await context_of(runtime).resources()
    # A text is there only as the graph's input: a thread that is given one begins anew, whatever it held.
    if "text" in state["document"]:
        return {
            "document": _begin(resources, state["document"]),
            "policy": policy_line(resources.policy),
            "rounds": [],
            "tried": [],
            **_fresh(1, ""),
        }
    entry, last = close_round(resources, state)
    rounds, past = [*state["rounds"], entry], [*state["tried"], last]
    closed: OrchestrateUpdate = {"rounds": rounds, "tried": past}
    if state["verdict"] or state["round"] >= resources.settings.limits.max_rounds:
        return closed
    return {**closed, **_fresh(state["round"] + 1, await _feedback(resources, state, rounds, past))}


async def _feedback(resources: Resources, state: RoundInput, rounds: list[RoundEntry], past: list[Tried]) -> str:
    """What the challenger is told of the rounds so far, in the way that the settings name."""
    way, templates = resources.settings.loop.feedback, resources.domain.prompt("feedback")
    if way == "improve":
        return orders(rounds[-1], past[-1], state["advice"], templates) or state["feedback"]
    failures = failure_list(rounds, past, templates)
    return await diagnose(resources, state, failures) if failures and way == "diagnosis" else failures


def close_round(resources: Resources, state: RoundInput) -> tuple[RoundEntry, Tried]:
    """Record how the round in `state` ended."""
    evidence = evidence_of(state)
    stands = standing(evidence, policy_of(state["policy"]))
    item, failed = evidence.item, stands.failed
    entry = RoundEntry(
        round=state["round"],
        question=shown(item.question) if item else "",
        failure=failed.failure.value if failed else None,
        weak_mean=None if stands.weak_mean is None else float(stands.weak_mean),
        strong_mean=None if stands.strong_mean is None else float(stands.strong_mean),
        feedback=shown(failed.reason) if failed else "",
    )
    record = _record(state, item, stands, _shadows(resources, evidence, stands))
    resources.ledger.round(record)
    if failed and resources.accepted is not None:
        resources.accepted.withdraw(record.document)  # an item that the audit refused has claimed its place
    resources.on_round(ClosedRound(state["document"]["title"], item, record))
    return entry, tried(item.question_type if item else "", failed, item.hash if item else "")


def evidence_of(state: RoundInput) -> Evidence:
    """The current round's evidence, as the state holds it."""
    return Evidence(
        item=Item.model_validate(state["item"]) if state["item"] else None,
        problem=state["problem"],
        quality=state["quality"],
        weak=state["weak"],
        strong=state["strong"],
        audit=state["audit"],
        advice=state["advice"],
    )


def _begin(resources: Resources, given: dict[str, str]) -> dict[str, str]:
    """Keep the document's text in the ledger, and only its id and title in the state."""
    document = Document.of(given.get("title") or "Untitled", given["text"], given.get("id"))
    resources.documents[document.id] = document
    resources.ledger.document(document)
    return {"id": document.id, "title": document.title}


def _fresh(round: int, feedback: str) -> OrchestrateUpdate:
    """A new round: nothing of the last one is left."""
    return {
        "round": round,
        "feedback": feedback,
        "item": None,
        "problem": None,
        "quality": None,
        "weak": [],
        "strong": [],
        "audit": None,
        "advice": None,
        "verdict": None,
    }


def _shadows(resources: Resources, evidence: Evidence, stands: Standing) -> dict[str, str | None]:
    """What each of the domain's other policies says of the same scores; it is reported and changes nothing."""
    attempts = resources.settings.attempts
    found: dict[str, str | None] = {}
    for name in resources.domain.file.shadows:
        if name != resources.policy.name:
            policy = policy_named(name).with_attempts(attempts.weak, attempts.strong)
            decision = shadow(evidence, stands.failed, policy)
            if decision is not None:
                found[name] = decision.failure
    return found


def _record(state: RoundInput, item: Item | None, stands: Standing, shadows: dict[str, str | None]) -> RoundRecord:
    return RoundRecord(
        document=state["document"]["id"],
        round=state["round"],
        item=item.hash if item else None,
        failure=stands.failed.failure.value if stands.failed else None,
        reason=stands.failed.reason if stands.failed else "",
        weak_mean=None if stands.weak_mean is None else str(stands.weak_mean),
        strong_mean=None if stands.strong_mean is None else str(stands.strong_mean),
        feedback=state["feedback"],
        shadows=shadows,
    )

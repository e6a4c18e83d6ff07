"""The two ends of a document: an accepted item, or none."""

from langgraph.runtime import Runtime
from typing_extensions import TypedDict

from autodata.acceptance import policy_of
from autodata.ledger.records import OutcomeRecord
from autodata.rounds import RoundEntry
from autodata.schemas import Failure, Item
from nodes.context import Context, context_of
from nodes.orchestrate import RoundInput, close_round
from nodes.resources import Resources


class AcceptUpdate(TypedDict):
    """The only keys that `accept` writes."""

    verdict: str
    rounds: list[RoundEntry]


class ExhaustUpdate(TypedDict):
    """The only keys that `exhaust` writes."""

    verdict: str
    item: None


async def accept(state: RoundInput, runtime: Runtime[Context]) -> AcceptUpdate:
    """Close the round as accepted; from here on nothing may change the item."""
    resources = await context_of(runtime).resources()
    entry, _ = close_round(resources, state)
    rounds = [*state["rounds"], entry]
    await _decided(resources, state, "accepted", len(rounds), Item.model_validate(state["item"]).hash)
    return {"verdict": "accepted", "rounds": rounds}


async def exhaust(state: RoundInput, runtime: Runtime[Context]) -> ExhaustUpdate:
    """End without an item: the rounds are spent, or nothing could be asked of the document."""
    resources = await context_of(runtime).resources()
    rounds = state["rounds"]
    never_decided = all(entry["failure"] == Failure.INVALID for entry in rounds)
    verdict = state["verdict"] or ("invalid" if never_decided else "exhausted")
    await _decided(resources, state, verdict, len(rounds), None)
    return {"verdict": verdict, "item": None}


async def _decided(resources: Resources, state: RoundInput, verdict: str, rounds: int, item: str | None) -> None:
    """Record the verdict, committed with all that led to it, and let go of the document."""
    document = state["document"]["id"]
    policy = policy_of(state["policy"])
    await resources.ledger.outcome(OutcomeRecord(document, verdict, rounds, item, policy.hash))
    resources.documents.pop(document, None)

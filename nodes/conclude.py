"""The two ends of a document: an accepted item, or none."""

from langgraph.runtime import Runtime
from typing_extensions import TypedDict

from autodata.acceptance import policy_of
from autodata.ledger.records import OutcomeRecord
from autodata.rounds import RoundEntry
from autodata.schemas import Failure, Item
from nodes.context import Context, context_of
from nodes.orchestrate import RoundInput, close_round

EVIDENCE = "evidence"
"""Under this name a document's evidence is in the custom stream of its run."""


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
    await _decided(runtime, state, "accepted", len(rounds), Item.model_validate(state["item"]).hash)
    return {"verdict": "accepted", "rounds": rounds}


async def exhaust(state: RoundInput, runtime: Runtime[Context]) -> ExhaustUpdate:
    """End without an item: the rounds are spent, or nothing could be asked of the document."""
    rounds = state["rounds"]
    never_decided = all(entry["failure"] == Failure.INVALID for entry in rounds)
    verdict = state["verdict"] or ("invalid" if never_decided else "exhausted")
    await _decided(runtime, state, verdict, len(rounds), None)
    return {"verdict": verdict, "item": None}


async def _decided(
    runtime: Runtime[Context], state: RoundInput, verdict: str, rounds: int, item: str | None
) -> None:
    """Record the verdict, committed with all that led to it, and let go of the document.

    A campaign elsewhere that this run belongs to is sent the whole evidence: its ledger then holds it too.
    """
    context = context_of(runtime)
    resources = await context.resources()
    document = state["document"]["id"]
    policy = policy_of(state["policy"])
    await resources.ledger.outcome(OutcomeRecord(document, verdict, rounds, item, policy.hash))
    resources.documents.pop(document, None)
    if context.run:
        runtime.stream_writer({EVIDENCE: await resources.ledger.evidence(document)})

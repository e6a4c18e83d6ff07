"""The conditional edges: each asks the policy how the round stands, and names the next node.

They are coroutines because LangGraph sends plain functions of an asynchronous graph to a thread, which takes
longer than they do.
"""

from typing import Literal

from autodata.acceptance import policy_of
from autodata.rounds import standing
from graphs.state import LegalState, LoopState
from nodes.orchestrate import evidence_of


async def rounds_left(state: LoopState) -> Literal["challenge", "exhaust"]:
    """Go on while a round is open: none is after the last one, or for an unsuitable document."""
    return "challenge" if state["round"] > len(state["rounds"]) else "exhaust"


async def item_gate(state: LoopState) -> Literal["verify_quality", "orchestrate"]:
    """A readable, valid, new item goes to the quality verifier."""
    return "orchestrate" if _failed(state) else "verify_quality"


async def quality_gate(state: LoopState) -> Literal["attempt_weak", "orchestrate"]:
    """An item that the quality verifier passed goes to the weak solver."""
    return "orchestrate" if _failed(state) else "attempt_weak"


async def weak_gate(state: LoopState) -> Literal["attempt_strong", "orchestrate"]:
    """The strong solver is asked only if the weak one failed as the policy wants."""
    return "orchestrate" if _failed(state) else "attempt_strong"


async def strong_gate(state: LoopState) -> Literal["audit", "orchestrate"]:
    """The strong limits and the gap."""
    return "orchestrate" if _failed(state) else "audit"


async def audit_gate(state: LoopState) -> Literal["accept", "orchestrate"]:
    """What the audit passes is accepted."""
    return "orchestrate" if _failed(state) else "accept"


async def legal_rounds_left(state: LegalState) -> Literal["extract", "challenge", "exhaust"]:
    """As `rounds_left`; the first round, and one after an unreadable extract, begins with the extract."""
    if await rounds_left(state) == "exhaust":
        return "exhaust"
    return "challenge" if "extract" in state else "extract"


async def extract_gate(state: LegalState) -> Literal["challenge", "orchestrate"]:
    """The writer works from an extract; an unsuitable document has none."""
    return "orchestrate" if state["problem"] else "challenge"


async def override_gate(state: LegalState) -> Literal["attempt", "orchestrate"]:
    """What code overrides is not attempted; there is no weak gate."""
    return "orchestrate" if _failed(state) else "attempt"


async def assess_gate(state: LegalState) -> Literal["accept", "orchestrate"]:
    """The loop judge can refuse; whether an item is accepted is computed from its scores."""
    return "orchestrate" if _failed(state) else "accept"


def _failed(state: LoopState) -> bool:
    """Whether the round has failed so far, by its evidence and the policy's thresholds."""
    return standing(evidence_of(state), policy_of(state["policy"])).failed is not None

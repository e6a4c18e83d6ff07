"""The conditional edges: each asks the policy how the round stands, and names the next node."""

from typing import Literal

from langgraph.runtime import Runtime

from autodata.rounds import Standing, standing
from graphs.state import LoopState
from nodes.context import Context, context_of
from nodes.orchestrate import evidence_of


def rounds_left(state: LoopState) -> Literal["challenge", "exhaust"]:
    """Go on while a round is open: none is after the last one, or for an unsuitable document."""
    return "challenge" if state["round"] > len(state["rounds"]) else "exhaust"


def item_gate(state: LoopState, runtime: Runtime[Context]) -> Literal["verify_quality", "orchestrate"]:
    """A readable, valid, new item goes to the quality verifier."""
    return "orchestrate" if _standing(state, runtime).failed else "verify_quality"


def quality_gate(state: LoopState, runtime: Runtime[Context]) -> Literal["attempt_weak", "orchestrate"]:
    """An item that the quality verifier passed goes to the weak solver."""
    return "orchestrate" if _standing(state, runtime).failed else "attempt_weak"


def weak_gate(state: LoopState, runtime: Runtime[Context]) -> Literal["attempt_strong", "orchestrate"]:
    """The strong solver is asked only if the weak one failed as the policy wants."""
    return "orchestrate" if _standing(state, runtime).failed else "attempt_strong"


def strong_gate(state: LoopState, runtime: Runtime[Context]) -> Literal["audit", "orchestrate"]:
    """The strong limits and the gap."""
    return "orchestrate" if _standing(state, runtime).failed else "audit"


def audit_gate(state: LoopState, runtime: Runtime[Context]) -> Literal["accept", "orchestrate"]:
    """What the audit passes is accepted."""
    return "orchestrate" if _standing(state, runtime).failed else "accept"


def _standing(state: LoopState, runtime: Runtime[Context]) -> Standing:
    """How the round stands by its evidence and the run's policy."""
    return standing(evidence_of(state), context_of(runtime).decides)

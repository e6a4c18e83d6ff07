"""Agentic Self-Instruct as a state machine: nodes are the roles, conditional edges the acceptance thresholds."""

from typing import Any

from langgraph.graph import END, START, StateGraph

from graphs.attempts import attempts
from graphs.edges import audit_gate, item_gate, quality_gate, rounds_left, strong_gate, weak_gate
from graphs.state import LoopInput, LoopOutput, LoopState
from nodes.challenge import challenge
from nodes.conclude import accept, exhaust
from nodes.context import Context
from nodes.orchestrate import orchestrate
from nodes.verify_quality import audit, verify_quality

__all__ = ["Context", "builder", "graph", "loop"]

Builder = StateGraph[Any, Context, Any, Any]


def loop(challenge: Any, state: type = LoopState, context: type[Context] = Context) -> Builder:
    """The loop around a challenger: one that writes the round's item, or a graph of several and a screening."""
    builder: Builder = StateGraph(state, context_schema=context, input_schema=LoopInput, output_schema=LoopOutput)

    builder.add_node("orchestrate", orchestrate)
    builder.add_node("challenge", challenge)
    builder.add_node("verify_quality", verify_quality)
    builder.add_node("attempt_weak", attempts("weak"))
    builder.add_node("attempt_strong", attempts("strong"))
    builder.add_node("audit", audit)
    builder.add_node("accept", accept)
    builder.add_node("exhaust", exhaust)

    builder.add_edge(START, "orchestrate")
    builder.add_conditional_edges("orchestrate", rounds_left)
    builder.add_conditional_edges("challenge", item_gate)
    builder.add_conditional_edges("verify_quality", quality_gate)
    builder.add_conditional_edges("attempt_weak", weak_gate)
    builder.add_conditional_edges("attempt_strong", strong_gate)
    builder.add_conditional_edges("audit", audit_gate)
    builder.add_edge("accept", END)
    builder.add_edge("exhaust", END)
    return builder


builder = loop(challenge)
# A round takes six steps, and a document at most a hundred rounds.
graph = builder.compile(name="self_instruct").with_config(recursion_limit=1_000)

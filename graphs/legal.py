"""The legal variant: an extract once, all rollouts together, and a loop judge that can refuse and never accept."""

from langgraph.graph import END, START, StateGraph

from graphs.attempts import attempts
from graphs.edges import assess_gate, extract_gate, legal_rounds_left, override_gate
from graphs.state import LegalState, LoopInput, LoopOutput
from nodes.assess import assess
from nodes.conclude import accept, exhaust
from nodes.context import Context, LegalContext
from nodes.extract import extract
from nodes.orchestrate import orchestrate
from nodes.write import write

__all__ = ["LegalContext", "builder", "graph"]

builder: StateGraph[LegalState, Context, LoopInput, LoopOutput] = StateGraph(
    LegalState, context_schema=LegalContext, input_schema=LoopInput, output_schema=LoopOutput
)

builder.add_node("orchestrate", orchestrate)
builder.add_node("extract", extract)
builder.add_node("challenge", write)
builder.add_node("attempt", attempts("weak", "strong"))
builder.add_node("assess", assess)
builder.add_node("accept", accept)
builder.add_node("exhaust", exhaust)

builder.add_edge(START, "orchestrate")
builder.add_conditional_edges("orchestrate", legal_rounds_left)
builder.add_conditional_edges("extract", extract_gate)
builder.add_conditional_edges("challenge", override_gate)
builder.add_edge("attempt", "assess")
builder.add_conditional_edges("assess", assess_gate)
builder.add_edge("accept", END)
builder.add_edge("exhaust", END)

# A round takes four steps, and a document at most a hundred rounds.
graph = builder.compile(name="legal").with_config(recursion_limit=1_000)

"""The outer loop as a state machine: traces of failed runs lead to an edit, which stays if it measures better."""

from typing import Any, Literal

from langgraph.graph import START, StateGraph
from langgraph.runtime import Runtime
from typing_extensions import TypedDict

from autodata.optimizer.racing import Result, race
from autodata.schemas import Document
from graphs.evaluation import evaluate
from nodes.optimize.analyze import analyze_failures
from nodes.optimize.choose import draw_minibatch, select_parent
from nodes.optimize.implement import TRIES, apply_and_check, implement
from nodes.optimize.record import enter, record
from nodes.optimize.state import HistoryLine, Validation
from nodes.optimize.workshop import Search

__all__ = ["Search", "builder", "graph"]


class OptimizeState(TypedDict):
    """What the optimizer remembers between two nodes; prompts are on disk, exchanges in the traces."""

    iteration: int
    """From 1; only `select_parent` begins one."""
    population: list[dict[str, Any]]
    """The members and their evaluations; written by `select_parent`, `enter` and `record`."""
    parent: str
    """Written by `select_parent`."""
    minibatch: list[str]
    """Training documents by id; written by `draw_minibatch`."""
    analysis: list[dict[str, Any]]
    """Patterns with evidence; written by `analyze_failures`."""
    do_not_repeat: list[str]
    edit: dict[str, Any] | None
    """The implementer's answer; written by `implement`."""
    tries: int
    refusal: str
    """Why there is no analysis or no child; written by `analyze_failures`, `implement` and `check_edit`."""
    summary: str
    child: str | None
    """Written by `check_edit`."""
    validation: Validation | None
    """Written by `validate`."""
    entered: bool
    """Written by `enter`."""
    history: list[HistoryLine]
    """A line an iteration; written by `record`."""


class OptimizeOutput(TypedDict):
    """What a run of the graph gives back."""

    population: list[dict[str, Any]]
    history: list[HistoryLine]


class ValidateUpdate(TypedDict):
    """The only key that `validate` writes."""

    validation: Validation


async def run_parent(state: OptimizeState, runtime: Runtime[Search]) -> dict[str, None]:
    """Run the loop with the parent's prompts over the minibatch, traced."""
    workshop = runtime.context.workshop
    wanted = set(state["minibatch"])
    documents = [document for document in workshop.train if document.id in wanted]
    await evaluate(workshop, state["parent"], documents, _seed(runtime.context, state["iteration"]))
    workshop.tracer.settled()
    return {}


async def validate(state: OptimizeState, runtime: Runtime[Search]) -> ValidateUpdate:
    """Run parent and child on the same documents with the same seeds; stop the child once it cannot win."""
    workshop, child = runtime.context.workshop, state["child"]
    assert child is not None  # the edit gate leads nobody else here
    documents: list[Document] = list(workshop.validation)
    seed = _seed(runtime.context, state["iteration"] if not runtime.context.reuse else 0)
    parent = await evaluate(workshop, state["parent"], documents, seed)

    def lost(so_far: Any) -> bool:
        return race(parent, so_far) == "lost"

    results: list[Result] = await evaluate(workshop, child, documents, seed, over=lost)
    return {"validation": {"parent": parent, "child": results}}


def _seed(search: Search, iteration: int) -> int:
    return search.draw("seed", iteration).getrandbits(31)


def analysis_gate(state: OptimizeState) -> Literal["implement", "record"]:
    """Without a pattern there is nothing to implement."""
    return "implement" if state["analysis"] else "record"


def edit_gate(state: OptimizeState) -> Literal["validate", "implement", "record"]:
    """A refused edit goes back to the implementer once, with the reason."""
    if state["child"] is not None:
        return "validate"
    return "implement" if state["tries"] < TRIES else "record"


def entry_rule(state: OptimizeState) -> Literal["enter", "record"]:
    """The child stays if it is strictly better than its parent on the same documents (the published rule)."""
    found = state["validation"]
    return "enter" if found and race(found["parent"], found["child"]) == "won" else "record"


def iterations_left(state: OptimizeState, runtime: Runtime[Search]) -> Literal["select_parent", "__end__"]:
    """Go on until the iterations are spent."""
    return "select_parent" if state["iteration"] < runtime.context.iterations else "__end__"


builder = StateGraph(OptimizeState, context_schema=Search, output_schema=OptimizeOutput)

builder.add_node("select_parent", select_parent)
builder.add_node("draw_minibatch", draw_minibatch)
builder.add_node("run_parent", run_parent)
builder.add_node("analyze_failures", analyze_failures)
builder.add_node("implement", implement)
builder.add_node("check_edit", apply_and_check)
builder.add_node("validate", validate)
builder.add_node("enter", enter)
builder.add_node("record", record)

builder.add_edge(START, "select_parent")
builder.add_edge("select_parent", "draw_minibatch")
builder.add_edge("draw_minibatch", "run_parent")
builder.add_edge("run_parent", "analyze_failures")
builder.add_conditional_edges("analyze_failures", analysis_gate)
builder.add_edge("implement", "check_edit")
builder.add_conditional_edges("check_edit", edit_gate)
builder.add_conditional_edges("validate", entry_rule)
builder.add_edge("enter", "record")
builder.add_conditional_edges("record", iterations_left)

# An iteration takes at most eleven steps.
graph = builder.compile(name="optimize").with_config(recursion_limit=10_000)

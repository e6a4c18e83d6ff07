"""The solvers' attempts at one item, in parallel and independent of each other."""

import operator
from collections.abc import Mapping
from typing import Annotated, Any

from langgraph.graph import START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from langgraph.types import Send
from typing_extensions import TypedDict

from autodata.rounds import AttemptLine
from autodata.schemas import Solver
from nodes.attempt import AttemptInput, attempt
from nodes.context import Context, context_of


class AttemptsInput(TypedDict):
    """What the attempts need of the loop's state."""

    document: dict[str, str]
    round: int
    item: dict[str, Any]


class AttemptsState(AttemptsInput):
    """The attempts made so far, by solver."""

    weak: Annotated[list[AttemptLine], operator.add]
    strong: Annotated[list[AttemptLine], operator.add]


class WeakOutput(TypedDict):
    """What the weak solver's attempts write into the loop's state."""

    weak: list[AttemptLine]


class StrongOutput(TypedDict):
    """What the strong solver's attempts write into the loop's state."""

    strong: list[AttemptLine]


class BothOutput(WeakOutput, StrongOutput):
    """What both solvers' attempts, made together, write into the loop's state."""


_OUTPUT: Mapping[tuple[Solver, ...], type] = {
    ("weak",): WeakOutput,
    ("strong",): StrongOutput,
    ("weak", "strong"): BothOutput,
}


def attempts(*solvers: Solver) -> CompiledStateGraph[Any, Context, Any, Any]:
    """A graph in which one or both solvers try an item as often as the configuration says, all at once.

    It keeps no checkpoints of its own: after a crash its attempts are made again, and the ledger replays
    those that were paid for.
    """

    async def each_attempt(state: AttemptsInput, runtime: Runtime[Context]) -> list[Send]:
        counts = context_of(runtime).attempts
        return [
            Send("attempt", AttemptInput(**state, solver=solver, index=index))
            for solver in solvers
            for index in range(1, getattr(counts, solver) + 1)
        ]

    graph = StateGraph(
        AttemptsState,
        context_schema=Context,
        input_schema=AttemptsInput,
        output_schema=_OUTPUT[solvers],
    )
    graph.add_node("attempt", attempt)
    graph.add_conditional_edges(START, each_attempt, ["attempt"])
    return graph.compile(checkpointer=False, name=f"attempt_{'_and_'.join(solvers)}")

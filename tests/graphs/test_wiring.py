"""The graph is the method: its nodes and edges, routers that only read, and nodes that write what they declare."""

import inspect
from typing import Any, get_args, get_type_hints

import pytest
from langgraph.graph.state import CompiledStateGraph

from graphs import edges
from graphs.self_instruct import builder, graph
from graphs.state import LoopOutput, LoopState
from nodes.attempt import AttemptUpdate
from nodes.challenge import ChallengeInput, ChallengeUpdate
from nodes.conclude import AcceptUpdate, ExhaustUpdate
from nodes.orchestrate import OrchestrateUpdate, RoundInput
from nodes.verify_quality import AuditUpdate, QualityInput, QualityUpdate

LOOP = {
    "__start__": {"orchestrate"},
    "orchestrate": {"challenge", "exhaust"},
    "challenge": {"verify_quality", "orchestrate"},
    "verify_quality": {"attempt_weak", "orchestrate"},
    "attempt_weak": {"attempt_strong", "orchestrate"},
    "attempt_strong": {"audit", "orchestrate"},
    "audit": {"accept", "orchestrate"},
    "accept": {"__end__"},
    "exhaust": {"__end__"},
}


def drawn(graph: CompiledStateGraph[Any, Any, Any, Any]) -> dict[str, set[str]]:
    """Where each node of a graph leads."""
    found: dict[str, set[str]] = {}
    for edge in graph.get_graph().edges:
        found.setdefault(edge.source, set()).add(edge.target)
    return found


def test_nodes_and_edges_are_the_loops() -> None:
    assert drawn(graph) == LOOP


@pytest.mark.parametrize(("node", "branches"), builder.branches.items(), ids=list(builder.branches))
def test_each_router_returns_a_literal_of_its_targets(node: str, branches: dict[str, Any]) -> None:
    for name in branches:
        hints = get_type_hints(getattr(edges, name))
        assert set(get_args(hints["return"])) == LOOP[node]


@pytest.mark.parametrize(
    "declared",
    [
        ChallengeInput, ChallengeUpdate, QualityInput, QualityUpdate, AuditUpdate, AttemptUpdate,
        RoundInput, OrchestrateUpdate, AcceptUpdate, ExhaustUpdate, LoopOutput,
    ],
)  # fmt: skip
def test_nodes_read_and_write_only_keys_of_the_state(declared: type) -> None:
    assert set(declared.__annotations__) <= set(LoopState.__annotations__)


def test_routers_hold_no_numbers() -> None:
    source = inspect.getsource(edges)
    assert not any(character.isdigit() for character in source)

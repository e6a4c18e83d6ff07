"""Which graph runs a domain: most share the loop; a variant of the method with other edges has its own file."""

from collections.abc import Mapping
from typing import Any

from langgraph.graph.state import CompiledStateGraph

from autodata.prompting import Domain
from graphs import legal, science, self_instruct
from nodes.context import Context

GRAPHS: Mapping[str, CompiledStateGraph[Any, Context, Any, Any]] = {
    "self_instruct": self_instruct.graph,
    "legal": legal.graph,
    "science": science.graph,
}


def graph_of(domain: Domain) -> CompiledStateGraph[Any, Context, Any, Any]:
    """The graph that the domain's file names."""
    return GRAPHS[domain.file.graph]

"""Whose turn it is: the parent by its score, and the training documents that it is studied on."""

from typing import Any

from langgraph.runtime import Runtime
from typing_extensions import TypedDict

from autodata.optimizer.population import Member, Population
from nodes.optimize.state import HistoryLine
from nodes.optimize.workshop import Search


class ChoiceInput(TypedDict, total=False):
    """What these nodes read; at first nothing is there."""

    iteration: int
    population: list[dict[str, Any]]
    history: list[HistoryLine]


class ParentUpdate(TypedDict):
    """The only keys that `select_parent` writes: a new iteration, with nothing of the last one left."""

    iteration: int
    population: list[dict[str, Any]]
    history: list[HistoryLine]
    parent: str
    analysis: list[dict[str, Any]]
    do_not_repeat: list[str]
    tries: int
    refusal: str
    summary: str
    child: str | None
    validation: None
    entered: bool


class MinibatchUpdate(TypedDict):
    """The only key that `draw_minibatch` writes."""

    minibatch: list[str]


async def select_parent(state: ChoiceInput, runtime: Runtime[Search]) -> ParentUpdate:
    """Choose a member with a chance that grows with its score; at first there is the baseline alone."""
    search = runtime.context
    iteration = state.get("iteration", 0) + 1
    population = Population.of_json(state.get("population") or [])
    if not population.members:
        population.enter(Member(search.workshop.baseline.id, None))
    return {
        "iteration": iteration,
        "population": population.as_json(),
        "history": state.get("history") or [],
        "parent": population.choose(search.draw("parent", iteration), search.temperature).id,
        "analysis": [],
        "do_not_repeat": [],
        "tries": 0,
        "refusal": "",
        "summary": "",
        "child": None,
        "validation": None,
        "entered": False,
    }


async def draw_minibatch(state: ChoiceInput, runtime: Runtime[Search]) -> MinibatchUpdate:
    """Draw training documents; the analyzer never sees another."""
    search = runtime.context
    train = [document.id for document in search.workshop.train]
    count = min(search.minibatch, len(train))
    return {"minibatch": search.draw("minibatch", state["iteration"]).sample(train, count)}

"""What becomes of a child, and what is kept of an iteration."""

from collections.abc import Sequence
from typing import Any

from langgraph.runtime import Runtime
from typing_extensions import TypedDict

from autodata.optimizer.population import Member, Population
from autodata.optimizer.racing import Result
from nodes.optimize.state import HistoryLine, Validation
from nodes.optimize.workshop import Search


class RecordInput(TypedDict):
    """What these nodes read."""

    iteration: int
    population: list[dict[str, Any]]
    parent: str
    child: str | None
    summary: str
    refusal: str
    analysis: list[dict[str, Any]]
    validation: Validation | None
    entered: bool
    history: list[HistoryLine]


class EnterUpdate(TypedDict):
    """The only keys that `enter` writes."""

    population: list[dict[str, Any]]
    entered: bool


class RecordUpdate(TypedDict):
    """The only keys that `record` writes."""

    population: list[dict[str, Any]]
    history: list[HistoryLine]


async def enter(state: RecordInput, runtime: Runtime[Search]) -> EnterUpdate:
    """Take the child into the population, with the evaluation that it won."""
    population, validation, child = Population.of_json(state["population"]), state["validation"], state["child"]
    assert validation is not None and child is not None  # the entry rule leads nobody else here
    if child not in population.members:
        population.enter(Member(child, state["parent"]).evaluated(*_counts(validation["child"])))
    return {"population": population.as_json(), "entered": True}


async def record(state: RecordInput, runtime: Runtime[Search]) -> RecordUpdate:
    """Write the iteration's line, and average the parent's evaluation in, unless it is the same runs again."""
    search = runtime.context
    population, validation = Population.of_json(state["population"]), state["validation"]
    if validation is not None:
        parent = population.members[state["parent"]]
        if not (search.reuse and parent.evaluations):
            population.enter(parent.evaluated(*_counts(validation["parent"])))
    line = HistoryLine(
        iteration=state["iteration"],
        parent=state["parent"],
        child=state["child"],
        parent_score=_share(validation["parent"]) if validation else None,
        child_score=_share(validation["child"]) if validation else None,
        entered=state["entered"],
        reason=state["refusal"] or state["summary"],
        edited_files=_edited(search, state),
        analysis=[{key: one[key] for key in _KEPT} for one in state["analysis"]],
    )
    return {"population": population.as_json(), "history": [*state["history"], line]}


_KEPT = ("name", "share", "cause", "proposed_change", "target_file")


def _edited(search: Search, state: RecordInput) -> list[str]:
    if state["child"] is None:
        return []
    workshop = search.workshop
    return workshop.prompts(state["child"]).changed(workshop.prompts(state["parent"]))


def _counts(results: Sequence[Result]) -> tuple[int, int]:
    """How many documents passed, of how many that were run."""
    return sum(map(bool, results)), sum(result is not None for result in results)


def _share(results: Sequence[Result]) -> float | None:
    passed, documents = _counts(results)
    return passed / documents if documents else None

"""Turns the runs that LangGraph traces into the method's own tree: document, rounds, roles, model calls.

LangGraph traces what it executes: nodes in a row, with routers and wrappers between them. A person wants to read
the method. So the nodes of a round go under a run of their own, `round 1`; a node has its role's name; and what is
only machinery is left out, with its children hung one higher. Every run stays in LangSmith's own run format.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from langsmith import uuid7

from autodata.tracing.method import Run, complete, end_root, end_round, is_machinery, shown


class _Place(NamedTuple):
    """What stands for a traced run: itself as shown, or the run above that its children hang under."""

    run: Run
    hidden: bool


@dataclass
class _Trace:
    """One root's trace while it grows."""

    root: Run
    places: dict[str, _Place] = field(default_factory=dict)
    """By the id that LangGraph knows a run by."""
    rounds: dict[int, Run] = field(default_factory=dict)
    """Those that are open."""
    closed: set[int] = field(default_factory=set)
    open: int = 1
    """Runs that have begun and not ended; a paid call may outlive its document."""


class Shaper:
    """Shapes the runs of all documents in flight; it is told of a run when it begins and when it ends."""

    def __init__(self) -> None:
        self._traces: dict[str, _Trace] = {}

    def begin(self, run: Run) -> list[Run]:
        """The runs to show now that `run` has begun: none, itself, or its round and itself."""
        id, above = str(run["id"]), run.get("parent_run_id")
        if above is None:
            root = shown(run)
            self._traces[id] = _Trace(root, {id: _Place(root, hidden=False)})
            return [root]
        trace = self._traces.get(str(run["trace_id"]))
        if trace is None or str(above) not in trace.places:  # its parent began before the tracing did
            return []
        trace.open += 1
        parent = trace.places[str(above)].run
        if is_machinery(run):
            trace.places[id] = _Place(parent, hidden=True)
            return []
        opened: list[Run] = []
        number = _round_of(trace, run) if parent is trace.root else None
        if number is not None:
            if number not in trace.rounds:
                trace.rounds[number] = _opened(trace.root, number, run)
                opened = [trace.rounds[number]]
            parent = trace.rounds[number]
        shaped = _hung(shown(run), parent)
        trace.places[id] = _Place(shaped, hidden=False)
        return [*opened, shaped]

    def end(self, run: Run) -> list[Run]:
        """The runs that are complete now that `run` has ended: itself, a round that it closed, a root's last."""
        key, id = str(run["trace_id"]), str(run["id"])
        trace = self._traces.get(key)
        if trace is None or id not in trace.places:
            return []
        trace.open -= 1
        place = trace.places[id]
        ended: list[Run] = []
        if not place.hidden:
            complete(place.run, run)
            ended = [*_ended_rounds(trace, place.run), place.run]
            if place.run is trace.root:
                end_root(trace.root)
        if not trace.open:
            del self._traces[key]
        return ended


def _round_of(trace: _Trace, run: Run) -> int | None:
    """The round that a node directly under the root belongs to; None after its end, and outside the loop."""
    if "document" not in trace.root["extra"]["metadata"]:
        return None
    number = int((run.get("inputs") or {}).get("round", 1))
    return None if number in trace.closed else number


def _opened(root: Run, number: int, first: Run) -> Run:
    """A round's own run, beginning with its first node."""
    feedback = (first.get("inputs") or {}).get("feedback")
    opened = {
        "id": uuid7(),
        "name": f"round {number}",
        "run_type": "chain",
        "start_time": first["start_time"],
        "session_name": root["session_name"],
        "inputs": {"feedback": feedback} if feedback else {},
        "tags": [],
        "extra": {"metadata": {**root["extra"]["metadata"], "round": number}},
    }
    return _hung(opened, root)


def _hung(run: Run, parent: Run) -> Run:
    """The run under a parent: LangSmith reads a tree off the dotted order, a segment of time and id a run."""
    started = run["start_time"]
    moment = started if isinstance(started, datetime) else datetime.fromisoformat(str(started))
    segment = f"{moment.strftime('%Y%m%dT%H%M%S%fZ')}{run['id']}"
    return {
        **run,
        "trace_id": parent["trace_id"],
        "parent_run_id": parent["id"],
        "dotted_order": f"{parent['dotted_order']}.{segment}",
    }


def _ended_rounds(trace: _Trace, last: Run) -> list[Run]:
    """The rounds that end with `last`: the one whose entry it wrote, or with the root all that are open."""
    ended: list[Run] = []
    entries = {entry["round"]: entry for entry in last["outputs"].get("rounds") or []}
    for number in sorted(trace.rounds):
        if number in entries:
            end_round(trace.rounds[number], entries[number], last)
        elif last is trace.root:
            complete(trace.rounds[number], {"end_time": last["end_time"], "error": last["error"]})
        else:
            continue
        trace.closed.add(number)
        ended.append(trace.rounds.pop(number))
    return ended

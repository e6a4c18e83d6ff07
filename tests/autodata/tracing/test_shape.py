"""The shape of a trace: whatever the framework nests, the shown runs are one tree and no model call is lost."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from langsmith import uuid7

from autodata.tracing.runs import Trace, run_of
from autodata.tracing.shape import Shaper

START = datetime(2026, 1, 1, tzinfo=UTC)
NODE = st.sampled_from(["orchestrate", "challenge", "verify_quality", "extract", "accept"])


class Framework:
    """Runs as LangGraph traces them: a root, nodes in a row, and whatever is inside."""

    def __init__(self) -> None:
        self.shaper = Shaper()
        self.began: list[dict[str, Any]] = []
        self.ended: list[dict[str, Any]] = []
        self.calls = 0
        self.clock = START

    def begin(
        self, parent: dict[str, Any] | None, name: str, kind: str, tag: str, **inputs: Any
    ) -> dict[str, Any]:
        self.clock += timedelta(milliseconds=1)
        id = uuid7()
        segment = f"{self.clock.strftime('%Y%m%dT%H%M%S%fZ')}{id}"
        run = {
            "id": id,
            "name": name,
            "run_type": kind,
            "inputs": inputs,
            "start_time": self.clock,
            "parent_run_id": parent and parent["id"],
            "trace_id": parent["trace_id"] if parent else id,
            "dotted_order": f"{parent['dotted_order']}.{segment}" if parent else segment,
            "tags": [tag] if tag else [],
            "extra": {"metadata": {"document": "d", "langgraph_step": 1}},
        }
        self.calls += kind == "llm"
        self.began += self.shaper.begin(run)
        return run

    def end(self, run: dict[str, Any], **outputs: Any) -> None:
        self.clock += timedelta(milliseconds=1)
        over = {key: run[key] for key in ("id", "trace_id", "extra")}
        self.ended += self.shaper.end({**over, "end_time": self.clock, "outputs": outputs})


Plan = list[tuple[str, int, list[str]]]


@given(st.lists(st.tuples(NODE, st.integers(1, 3), st.lists(st.sampled_from("cwr"), max_size=4)), max_size=8))
def test_what_is_shown_is_one_tree_with_every_call(plan: Plan) -> None:
    lived = Framework()
    root = lived.begin(None, "self_instruct", "chain", "", document={"title": "T", "text": "x"})
    for name, number, inside in sorted(plan, key=lambda one: one[1]):
        node = lived.begin(root, name, "chain", "graph:step:1", round=number)
        above = node
        open_runs = [node]
        for kind in inside:
            if kind == "w":  # a wrapper, and what follows is inside it
                above = lived.begin(above, "wrapper", "chain", "seq:step:1")
                open_runs.append(above)
            elif kind == "r":
                lived.end(lived.begin(above, "rounds_left", "chain", "seq:step:3"), output="challenge")
            else:
                lived.end(lived.begin(above, "challenger", "llm", "seq:step:1"))
        for run in reversed(open_runs):
            lived.end(run)
    lived.end(root, verdict="exhausted", rounds=[])
    assert sorted(str(run["id"]) for run in lived.began) == sorted(str(run["id"]) for run in lived.ended)
    trace = Trace.of(run_of(run) for run in lived.ended)
    shown = list(trace.walk())
    assert len(shown) == len(lived.ended) == len({run.id for run in shown})
    assert len(trace.calls) == lived.calls
    assert all(run.parent in {other.id for other in shown} for run in shown if run is not trace.root)
    assert not any(run.name in ("wrapper", "rounds_left") for run in shown)
    assert [run.name for run in trace.under(trace.root)] == [f"round {n}" for n in sorted({n for _, n, _ in plan})]
    assert not any(key.startswith("langgraph_") for run in shown for key in run.metadata)
    assert not lived.shaper._traces, "nothing is kept of a trace that ended"


def test_a_call_that_outlives_its_document_is_shown() -> None:
    lived = Framework()
    root = lived.begin(None, "self_instruct", "chain", "", document={"title": "T", "text": "x"})
    node = lived.begin(root, "challenge", "chain", "graph:step:1", round=1)
    call = lived.begin(node, "challenger", "llm", "seq:step:1")
    lived.end(node)
    lived.end(root)
    lived.end(call)
    assert [run["name"] for run in lived.ended] == ["challenger", "round 1", "self_instruct", "challenger"]
    assert not lived.shaper._traces

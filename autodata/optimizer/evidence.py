"""What the analyzer reads of a minibatch: the exchanges in full, and every text that a quote may come from."""

from collections.abc import Iterable, Mapping
from typing import Any

from autodata.schemas import SOLVERS
from autodata.tracing.runs import Trace, TracedRun

ANSWER_CHARS = 2_000
"""How much of a solver's answer is shown; quotes are looked up in the whole."""
TOTAL_CHARS = 60_000
"""How much is shown of a minibatch."""

Said = dict[tuple[str, int], list[str]]


def said_in(traces: Iterable[Trace]) -> Said:
    """Every text of the traces' rounds, by document id and round."""
    said: Said = {}
    for trace in traces:
        for run in trace.walk():
            if "round" in run.metadata:
                place = str(run.metadata["document"]), int(run.metadata["round"])
                texts = said.setdefault(place, [])
                texts.extend([run.answered] if run.kind == "llm" else _strings(run.outputs))
    return said


def told(traces: Iterable[Trace]) -> str:
    """The traces as the analyzer reads them: the documents that failed first, each round with what was said."""
    failed_first = sorted(traces, key=lambda trace: trace.root.outputs.get("verdict") == "accepted")
    pieces: list[str] = []
    left = TOTAL_CHARS
    for trace in failed_first:
        for piece in _told(trace):
            if left < len(piece):
                return "\n\n".join([*pieces, "(The rest is left out.)"])
            pieces.append(piece)
            left -= len(piece)
    return "\n\n".join(pieces)


def _told(trace: Trace) -> Iterable[str]:
    root = trace.root
    yield f"## Document {root.metadata['document']}: {root.outputs.get('verdict', 'unfinished')}"
    for one in trace.under(root):
        if not one.name.startswith("round "):
            continue
        items = [run.outputs.get("item") for run in trace.walk(one)]
        item: Mapping[str, Any] = next((found for found in items if isinstance(found, dict)), {})
        result = one.outputs.get("feedback") or "all conditions hold"
        head = f"### Document {root.metadata['document']}, round {one.metadata['round']}: {', '.join(one.tags)}"
        lines = [head, f"Result: {result}"]
        lines += [f"Context: {item['context']}", f"Question: {item['question']}"] if item else []
        lines += [_criterion(criterion) for criterion in item.get("rubric", ())]
        answers = [run for run in trace.walk(one) if run.kind == "llm" and run.name in SOLVERS]
        # Not in the order of time: a replayed run must read the same, or its analysis would be paid again.
        lines += [_answer(run) for run in sorted(answers, key=lambda run: (run.name, run.metadata["attempt"]))]
        yield "\n".join(lines)


def _criterion(criterion: Mapping[str, Any]) -> str:
    return f"Criterion {criterion['weight']:+d}: {criterion['criterion']}"


def _answer(run: TracedRun) -> str:
    return f"{run.name.capitalize()} solver, attempt {run.metadata['attempt']}: {run.answered[:ANSWER_CHARS]}"


def _strings(value: Any) -> Iterable[str]:
    """Every text in plain data."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _strings(inner)

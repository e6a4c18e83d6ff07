"""The failure analyzer: reads what was said in the minibatch, and names patterns that code finds evidence for."""

from typing import Any

from langgraph.runtime import Runtime
from typing_extensions import TypedDict

from autodata.errors import ReplyError
from autodata.models.asking import ask_structured
from autodata.models.request import Reply
from autodata.models.structured import read_answer, schema_of
from autodata.optimizer.answers import Analysis, AnalyzerAnswer, checked
from autodata.optimizer.evidence import said_in, told
from autodata.optimizer.surface import EDITABLE
from autodata.tracing.runs import Trace
from nodes.optimize.state import HistoryLine, history_text
from nodes.optimize.workshop import Search, Workshop, prompt_of

ANSWER = schema_of(AnalyzerAnswer, "analyzer")


class AnalyzeInput(TypedDict):
    """What this node reads."""

    iteration: int
    parent: str
    minibatch: list[str]
    history: list[HistoryLine]


class AnalyzeUpdate(TypedDict):
    """The only keys that this node writes."""

    analysis: list[dict[str, Any]]
    do_not_repeat: list[str]
    refusal: str


async def analyze_failures(state: AnalyzeInput, runtime: Runtime[Search]) -> AnalyzeUpdate:
    """Ask for the patterns in the parent's traces, and drop those without evidence."""
    workshop = runtime.context.workshop
    traces = await _traces(workshop, state["parent"], state["minibatch"])
    values = {
        "editable": ", ".join(sorted(EDITABLE & workshop.baseline.files.keys())),
        "history": history_text(state["history"]),
        "runs": told(traces),
    }
    gateway, seed = workshop.resources.gateway, workshop.resources.settings.seed
    messages = prompt_of("analyzer").messages(values)
    request = workshop.request("analyzer", (state["iteration"], 1), messages, ANSWER)

    async def read(reply: Reply) -> Analysis:
        answer = read_answer(reply.text, AnalyzerAnswer, reply.truncated)
        kept = checked(answer, said_in(traces), len(state["minibatch"]), EDITABLE)
        if answer.patterns and not kept.patterns:
            raise ReplyError("no pattern can be kept: " + "; ".join(kept.dropped))
        return kept

    try:
        analysis = await ask_structured(gateway, request, read, seed)
    except ReplyError as problem:
        return {"analysis": [], "do_not_repeat": [], "refusal": f"no analysis: {problem}"}
    patterns = [_plain(pattern._asdict()) for pattern in analysis.patterns]
    empty = "" if patterns else "no analysis: no pattern was found"
    return {"analysis": patterns, "do_not_repeat": list(analysis.do_not_repeat), "refusal": empty}


def _plain(pattern: dict[str, Any]) -> dict[str, Any]:
    """A pattern as a checkpoint keeps it."""
    return {**pattern, "evidence": [one.model_dump() for one in pattern["evidence"]]}


async def _traces(workshop: Workshop, parent: str, documents: list[str]) -> list[Trace]:
    """The latest trace of each document with the parent's prompts; always in the same order."""
    prompt_set = workshop.domain(parent).hash
    traces = []
    for document in documents:
        roots = await workshop.source.roots({"prompt_set": prompt_set, "document": document})
        if roots:
            traces.append(await workshop.source.trace(roots[-1].id))
    return traces

"""`autodata traces`: a run's traces as trees in the terminal, without any server."""

import asyncio
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

from rich.text import Text
from rich.tree import Tree

from app.console import PlainConsole
from app.views import LABELS
from autodata.errors import UsageError
from autodata.schemas import SOLVERS, Failure
from autodata.tracing.runs import Trace, TracedRun
from autodata.tracing.sink import TRACES
from autodata.tracing.source import LocalTraces

_OPENING_CHARS = 120
_BY_LABEL = {"accepted": LABELS[None], **{failure.value: LABELS[failure] for failure in Failure}}


def traces_command(directory: Path, wanted: str | None, as_json: bool) -> None:
    """Print the rounds of every traced document, or the whole tree of the one that `wanted` names."""
    if not (directory / TRACES).is_dir():
        raise UsageError(f"{directory} holds no traces; start the run with --trace, it goes on where it was")
    found = asyncio.run(_read(LocalTraces(directory / TRACES), wanted))
    if wanted is not None and not found:
        raise UsageError(f"{directory} has no finished trace of {wanted!r}; leave --document out to list them")
    if as_json:
        print(json.dumps([_as_json(trace, trace.root, wanted is not None) for trace in found], ensure_ascii=False))
        return
    console = PlainConsole()
    for trace in found:
        console.print(_tree(trace, deep=wanted is not None), no_wrap=True, overflow="ellipsis", crop=True)
    if wanted is None:
        console.print(f"\nOne in full: autodata traces {directory} --document ID", style="dim")


async def _read(source: LocalTraces, wanted: str | None) -> list[Trace]:
    """The traces to show; a document that several sessions traced has one a session."""
    roots = await source.roots()
    return [await source.trace(root.id) for root in roots if wanted is None or _named(root, wanted)]


def _named(root: TracedRun, wanted: str) -> bool:
    """Whether a document's id begins like `wanted`, or its title is that."""
    return str(root.metadata.get("document", "")).startswith(wanted) or _title(root) == wanted


def _title(root: TracedRun) -> str:
    document = root.inputs.get("document") or {}
    return str(document.get("title") or root.name)


def _tree(trace: Trace, deep: bool) -> Tree:
    calls = trace.calls
    replayed = sum(call.replayed for call in calls)
    head = Text.assemble((_title(trace.root), "bold"), f"  {trace.root.metadata.get('document', '')}  ")
    head.append_text(_tags(trace.root))
    head.append(f"  {len(calls)} calls" + (f", {replayed} replayed" if replayed else ""), "dim")
    tree = Tree(head, guide_style="dim")
    _grow(tree, trace, trace.root, deep)
    return tree


def _grow(tree: Tree, trace: Trace, run: TracedRun, deep: bool) -> None:
    """Hang a run's children into the tree; without `deep`, the rounds alone."""
    for child in trace.under(run):
        branch = tree.add(_line(child))
        if deep:
            _grow(branch, trace, child, deep)


def _line(run: TracedRun) -> Text:
    line = Text(run.name, "cyan" if run.kind == "llm" else "")
    if run.kind == "llm":
        asked, answered = run.tokens
        line.append(f"  {run.metadata.get('ls_model_name', '')}  {asked} > {answered} tokens", "dim")
        line.append("  replayed" if run.replayed else _took(run), "dim")
        line.append(f"  {_opening(run.answered)}")
    else:
        parts = [_tags(run), Text(_summary(run), "dim")]
        for part in filter(len, parts):
            line.append("  ").append_text(part)
    if run.error:
        line.append(f"  {_opening(run.error)}", "red")
    return line


def _tags(run: TracedRun) -> Text:
    return Text(", ").join(Text(*_BY_LABEL.get(tag, (tag, "yellow"))) for tag in run.tags)


def _took(run: TracedRun) -> str:
    return "  unfinished" if run.seconds is None else f"  {run.seconds:.2f} s"


def _summary(run: TracedRun) -> str:
    """What a role's run or a round came to, in a few words."""
    outputs = run.outputs
    if run.name.startswith("round "):
        means = [outputs.get(key) for key in ("weak_mean", "strong_mean")]
        told = [f"{name} {mean:.0%}" for name, mean in zip(SOLVERS, means, strict=True) if mean is not None]
        return "  ".join([*told, _opening(str(outputs.get("question") or ""))])
    for solver in SOLVERS:
        if solver in outputs:
            lines = sorted(outputs[solver], key=lambda line: int(line["index"]))
            return "  ".join(_percent(line["score"]) for line in lines)
    for key in ("quality", "audit"):
        if key in outputs:
            line = outputs[key]
            return "passed" if line["passed"] else _opening("; ".join(line["issues"]))
    item, problem = outputs.get("item"), outputs.get("problem")
    return _opening(problem["reason"] if problem else item["question"] if isinstance(item, dict) else "")


def _percent(score: str) -> str:
    return f"{float(Fraction(score)):.0%}" if score else "invalid"


def _opening(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _OPENING_CHARS else f"{line[: _OPENING_CHARS - 4]} ..."


def _as_json(trace: Trace, run: TracedRun, deep: bool) -> dict[str, Any]:
    """A run and what is under it, plain."""
    own: dict[str, Any] = {
        "id": run.id,
        "name": run.name,
        "kind": run.kind,
        "seconds": run.seconds,
        "tags": list(run.tags),
        "metadata": dict(run.metadata),
        "feedback": dict(run.feedback),
        "error": run.error,
    }
    if deep:
        own |= {"inputs": run.inputs, "outputs": run.outputs}
    if deep or run is trace.root:
        own["runs"] = [_as_json(trace, child, deep) for child in trace.under(run)]
    return own

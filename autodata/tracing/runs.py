"""Traced runs as they are read back, wherever they were kept: frozen, in a tree, with what was said in them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple


class Said(NamedTuple):
    """One message of a model call."""

    speaker: str
    text: str


@dataclass(frozen=True)
class TracedRun:
    """One run of a trace: a document, a round, a role or a model call."""

    id: str
    trace: str
    """The root's id."""
    parent: str | None
    name: str
    kind: str
    """`chain`, or `llm` for a model call."""
    started: datetime
    ended: datetime | None
    """None while it goes on, or if its process was killed."""
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]
    error: str
    tags: tuple[str, ...]
    metadata: Mapping[str, Any]
    feedback: Mapping[str, float | str]
    """The scores on a root, and its failure label."""
    order: str

    @property
    def seconds(self) -> float | None:
        """How long it took."""
        return (self.ended - self.started).total_seconds() if self.ended else None

    @property
    def replayed(self) -> bool:
        """Whether the ledger answered this call, at no cost."""
        return "replayed" in self.tags

    @property
    def tokens(self) -> tuple[int, int]:
        """A model call's tokens, in and out."""
        usage = _message(self.outputs).get("usage_metadata") or {}
        return int(usage.get("input_tokens") or 0), int(usage.get("output_tokens") or 0)

    @property
    def asked(self) -> list[Said]:
        """A model call's messages."""
        batches = self.inputs.get("messages") or []
        fields = [entry["kwargs"] for entry in next(iter(batches), [])]
        return [Said(message["type"], str(message["content"])) for message in fields]

    @property
    def answered(self) -> str:
        """A model call's answer."""
        return str(_message(self.outputs).get("content") or "")


@dataclass(frozen=True)
class Trace:
    """One document's trace."""

    root: TracedRun
    children: Mapping[str, tuple[TracedRun, ...]] = field(default_factory=dict)
    """By the parent's id, in the order in which they began."""

    @classmethod
    def of(cls, runs: Iterable[TracedRun]) -> "Trace":
        """The tree of a trace's runs; ValueError without a root.

        A run whose parent is missing, since its process was killed, hangs under the root.
        """
        ordered = sorted(runs, key=lambda run: run.order)
        root = next((run for run in ordered if run.parent is None), None)
        if root is None:
            raise ValueError("a trace without a root")
        known = {run.id for run in ordered}
        children: dict[str, list[TracedRun]] = {}
        for run in ordered:
            if run is not root:
                parent = run.parent if run.parent in known else root.id
                children.setdefault(str(parent), []).append(run)
        return cls(root, {parent: tuple(found) for parent, found in children.items()})

    def under(self, run: TracedRun) -> tuple[TracedRun, ...]:
        """A run's children."""
        return self.children.get(run.id, ())

    def walk(self, start: TracedRun | None = None) -> Iterator[TracedRun]:
        """All runs from `start` on down, parents first."""
        run = start or self.root
        yield run
        for child in self.under(run):
            yield from self.walk(child)

    @property
    def calls(self) -> list[TracedRun]:
        """The model calls, in order."""
        return [run for run in self.walk() if run.kind == "llm"]


def run_of(line: Mapping[str, Any]) -> TracedRun:
    """A run from LangSmith's format; KeyError or ValueError if it is none."""
    order = str(line["dotted_order"])
    segments = order.split(".")
    ended = line.get("end_time")
    return TracedRun(
        id=str(line["id"]),
        trace=str(line["trace_id"]),
        parent=_id_in(segments[-2]) if len(segments) > 1 else None,
        name=str(line["name"]),
        kind="llm" if str(line["run_type"]).lower() == "llm" else "chain",
        started=_moment(line["start_time"]),
        ended=_moment(ended) if ended else None,
        inputs=line.get("inputs") or {},
        outputs=line.get("outputs") or {},
        error=str(line.get("error") or ""),
        tags=tuple(line.get("tags") or ()),
        metadata=line.get("metadata") or (line.get("extra") or {}).get("metadata") or {},
        feedback=_feedback(line.get("feedback_stats") or {}),
        order=order,
    )


def _id_in(segment: str) -> str:
    """The id in a piece of a dotted order, after its time."""
    return segment.partition("Z")[2]


def _moment(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))


def _feedback(stats: Mapping[str, Any]) -> dict[str, float | str]:
    """A score or a label a key."""
    found: dict[str, float | str] = {}
    for key, one in stats.items():
        labels = list(one.get("values") or {})
        if labels:
            found[key] = labels[0]
        elif one.get("avg") is not None:
            found[key] = float(one["avg"])
    return found


def _message(outputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """The fields of the message that a model call gave."""
    batches = outputs.get("generations") or []
    first: Mapping[str, Any] = next(iter(next(iter(batches), [])), {})
    found = (first.get("message") or {}).get("kwargs") or {}
    return found if isinstance(found, Mapping) else {}

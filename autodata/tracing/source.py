"""Where traces are read: one protocol, so that whoever reads cannot tell local files from LangSmith."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import orjson

from autodata.errors import UsageError
from autodata.tracing.runs import Trace, TracedRun, run_of

if TYPE_CHECKING:
    from langsmith import Client

Where = Mapping[str, str | int]
"""Metadata that a root must have, such as `{"prompt_set": ..., "document": ...}`."""


class TraceSource(Protocol):
    """Finished traces, one a document and session."""

    async def roots(self, where: Where | None = None) -> list[TracedRun]:
        """The roots that have ended and whose metadata holds all of `where`, in the order in which they began."""

    async def trace(self, id: str) -> Trace:
        """The whole trace of a root; UsageError if there is none of that id."""


class LocalTraces:
    """The traces in a run directory's files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def roots(self, where: Where | None = None) -> list[TracedRun]:
        """See `TraceSource`."""
        return await asyncio.to_thread(self._roots, where or {})

    async def trace(self, id: str) -> Trace:
        """See `TraceSource`."""
        return await asyncio.to_thread(self._trace, id)

    def _roots(self, where: Where) -> list[TracedRun]:
        found = [
            run
            for path in self._paths()
            for run in _lines(path)
            if run.parent is None and run.ended and _has(run, where)
        ]
        return sorted(found, key=lambda run: run.order)

    def _trace(self, id: str) -> Trace:
        for path in self._paths():
            runs = [run for run in _lines(path) if run.trace == id]
            if any(run.id == id for run in runs):
                return Trace.of(runs)
        raise _missing(id)

    def _paths(self) -> list[Path]:
        return sorted(self._folder.glob("*.jsonl"))


class LangSmithTraces:
    """The traces in a project of LangSmith's."""

    def __init__(self, client: "Client", project: str, since: datetime | None = None) -> None:
        """Name the project.

        Args:
            client: a LangSmith client with a key.
            project: the project's name.
            since: what began earlier is not read; LangSmith itself would leave out all but the last day.
        """
        self._client = client
        self._project = project
        self._since = since or datetime(2024, 1, 1, tzinfo=UTC)
        self._id: str | None = None

    async def roots(self, where: Where | None = None) -> list[TracedRun]:
        """See `TraceSource`."""
        filters = {"filter": _filter(where)} if where else {}
        found = await self._query(is_root=True, **filters)
        return sorted((run for run in found if run.ended), key=lambda run: run.order)

    async def trace(self, id: str) -> Trace:
        """See `TraceSource`."""
        runs = await self._query(trace_id=id)
        if not any(run.id == id for run in runs):
            raise _missing(id)
        return Trace.of(runs)

    async def _query(self, **wanted: Any) -> list[TracedRun]:
        """All runs of the project that a query finds, page after page."""
        from langsmith.utils import LangSmithNotFoundError

        if self._id is None:
            try:
                self._id = str((await self._client.aread_project(project_name=self._project)).id)
            except LangSmithNotFoundError:
                raise UsageError(f"LangSmith has no project {self._project!r}; set LANGSMITH_PROJECT") from None
        pages = self._client.runs.query(
            project_ids=[self._id], min_start_time=self._since, selects=_SELECTS, page_size=100, **wanted
        )
        return [run_of(run.model_dump(mode="json") | {"run_type": run.run_type}) async for run in pages]


_SELECTS: Any = [
    "ID", "NAME", "RUN_TYPE", "STATUS", "START_TIME", "END_TIME", "INPUTS", "OUTPUTS", "ERROR", "TAGS", "METADATA",
    "TRACE_ID", "DOTTED_ORDER", "FEEDBACK_STATS",
]  # fmt: skip


def _lines(path: Path) -> Iterator[TracedRun]:
    """The runs in a file; a line that a killed process left unfinished is none."""
    with path.open("rb") as file:
        for line in file:
            if not line.endswith(b"}\n"):
                continue
            try:
                yield run_of(orjson.loads(line))
            except orjson.JSONDecodeError:
                continue


def _has(run: TracedRun, where: Where) -> bool:
    return all(str(run.metadata.get(key)) == str(value) for key, value in where.items())


def _filter(where: Where) -> str:
    """The same condition in LangSmith's filter language."""
    pairs = [
        f"and(eq(metadata_key, {json.dumps(key)}), eq(metadata_value, {json.dumps(str(value))}))"
        for key, value in where.items()
    ]
    return pairs[0] if len(pairs) == 1 else f"and({', '.join(pairs)})"


def _missing(id: str) -> UsageError:
    return UsageError(f"there is no finished trace {id}; `autodata traces RUN` lists them")

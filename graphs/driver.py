"""Runs the graph over many documents: bounded in flight, depth first, resumable, and stopped in good order."""

import asyncio
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from autodata.documents.reading import Unreadable, read_document
from autodata.documents.sources import Source
from autodata.errors import AutodataError, RunConflictError
from autodata.ledger import tables as t
from autodata.schemas import Document
from graphs.catalog import graph_of
from graphs.state import DocumentInput, LoopInput
from nodes.context import Context
from nodes.resources import Resources


@dataclass
class Tally:
    """How far a run is, for whoever watches."""

    total: int
    read: int = 0
    skipped: int = 0
    in_flight: int = 0
    verdicts: dict[str, int] = field(default_factory=dict)

    @property
    def decided(self) -> int:
        """Documents that are done."""
        return sum(self.verdicts.values())

    @property
    def accepted(self) -> int:
        """Documents that gave an item."""
        return self.verdicts.get("accepted", 0)


@dataclass(frozen=True)
class Known:
    """What earlier sessions of the run recorded."""

    documents: dict[str, str]
    """Document id by file."""
    verdicts: dict[str, str]
    """Verdict by document id."""


class Campaign:
    """One session of a run."""

    def __init__(
        self,
        resources: Resources,
        sources: Sequence[Source],
        target: int | None = None,
        on_change: Callable[[Tally], None] = lambda _: None,
    ) -> None:
        self.resources = resources
        self.tally = Tally(total=len(sources))
        self._sources = sources
        self._target = target
        self._on_change = on_change
        self._context = Context.of(resources)
        self._graph = graph_of(resources.domain)
        self._failure: AutodataError | None = None
        self._moved = asyncio.Event()

    async def run(self) -> AutodataError | None:
        """Take every document to its verdict; gives what stopped the session early, or None.

        A finished document is not run again; one that was cut off is begun anew and replays what was paid.
        """
        known = await self.resources.ledger.read(lambda connection: _known(connection, self.resources.ledger.run))
        pending = self._pending(known)
        workers = [
            asyncio.create_task(self._work(pending)) for _ in range(self.resources.settings.limits.concurrency)
        ]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await self.resources.gateway.drained()
            await self.resources.ledger.settled()
        return self._failure

    def stop(self, reason: AutodataError) -> None:
        """Begin no more documents and ask no more calls; what is in flight ends and is recorded."""
        self._failure = self._failure or reason
        self.resources.gateway.stop(reason)

    async def _work(self, pending: Iterator[Document]) -> None:
        """One of the places in flight: take the next document to its verdict, until there is none."""
        while await self._place() and (document := next(pending, None)) is not None:
            self.tally.in_flight += 1
            self._on_change(self.tally)
            try:
                verdict = await self._run_document(document)
            except AutodataError as problem:
                self.stop(problem)
                return
            finally:
                self.tally.in_flight -= 1
                self._moved.set()
            self._count(verdict)

    async def _run_document(self, document: Document) -> str:
        given = LoopInput(document=DocumentInput(id=document.id, title=document.title, text=document.text))
        budget = self.resources.gateway.budget
        budget.begin(document.id)
        try:
            result = await self._graph.ainvoke(given, context=self._context)
        finally:
            budget.end(document.id)
        return str(result["verdict"])

    async def _place(self) -> bool:
        """Wait until one more document may be begun; False if none will be.

        With a target, no more are in flight than are likely to be needed for it.
        """
        while not self._enough():
            missing = math.inf if self._target is None else self._target - self.tally.accepted
            if self.tally.in_flight < missing * (self.tally.decided + 1) / (self.tally.accepted + 1):
                return True
            self._moved.clear()
            await self._moved.wait()
        return False

    def _enough(self) -> bool:
        reached = self._target is not None and self.tally.accepted >= self._target
        return reached or self._failure is not None

    def _pending(self, known: Known) -> Iterator[Document]:
        """Read document after document, leaving out what is decided, unreadable or a duplicate."""
        files: dict[str, str] = {}
        for position, source in enumerate(self._sources):
            if self._enough():
                return
            recorded = known.documents.get(source.name)
            if recorded in known.verdicts:
                files[recorded] = source.name
                self._count(known.verdicts[recorded], read=True)
                continue
            try:
                document = read_document(source)
            except Unreadable as reason:
                self._skip(source, str(reason))
                continue
            if recorded is not None and recorded != document.id:
                self.stop(RunConflictError(f"{source.name} has changed since the run began; use another --out"))
                return
            if document.id in files:
                self._skip(source, f"duplicate of {files[document.id]}")
                continue
            files[document.id] = source.name
            self.resources.ledger.document(document, position, source.name)
            self.tally.read += 1
            yield document

    def _skip(self, source: Source, reason: str) -> None:
        self.resources.ledger.skip(source.name, reason)
        self.tally.skipped += 1
        self._on_change(self.tally)

    def _count(self, verdict: str, read: bool = False) -> None:
        self.tally.read += read
        self.tally.verdicts[verdict] = self.tally.verdicts.get(verdict, 0) + 1
        self._on_change(self.tally)


def _known(connection: Connection, run: int) -> Known:
    """What is recorded of a run's documents."""
    documents = select(t.documents.c.file, t.documents.c.id).where(t.documents.c.run == run)
    verdicts = select(t.outcomes.c.document, t.outcomes.c.verdict).where(t.outcomes.c.run == run)
    return Known(
        documents={row.file: row.id for row in connection.execute(documents)},
        verdicts={row.document: row.verdict for row in connection.execute(verdicts)},
    )

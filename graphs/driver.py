"""Runs the graph over many documents: bounded in flight, depth first, resumable, and stopped in good order."""

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from autodata.documents.intake import Before, Entry, Intake, Recorded
from autodata.documents.sources import Source
from autodata.errors import AutodataError
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
        self.tally = Tally(total=sum(source.documents for source in sources))
        self._sources = sources
        self._target = target
        self._on_change = on_change
        self._context = Context.of(resources)
        self._graph = graph_of(resources.domain)
        self._described = {
            "domain": resources.domain.name,
            "policy": resources.policy.name,
            "prompt_set": resources.domain.hash,
        }
        self._failure: AutodataError | None = None
        self._moved = asyncio.Event()
        self._verdicts: dict[str, str] = {}
        self._taking = asyncio.Lock()

    async def run(self) -> AutodataError | None:
        """Take every document to its verdict; gives what stopped the session early, or None.

        A finished document is not run again; one that was cut off is begun anew and replays what was paid.
        """
        ledger, limits = self.resources.ledger, self.resources.settings.limits
        before, self._verdicts = await ledger.read(lambda connection: _before(connection, ledger.run))
        intake = Intake(self._sources, limits.document_bytes, before)
        pending = self._pending(intake.entries())
        workers = [asyncio.create_task(self._work(pending)) for _ in range(limits.concurrency)]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await intake.close()
            await self.resources.gateway.drained()
            await self.resources.ledger.settled()
        return self._failure

    def stop(self, reason: AutodataError) -> None:
        """Begin no more documents and ask no more calls; what is in flight ends and is recorded."""
        self._failure = self._failure or reason
        self.resources.gateway.stop(reason)

    async def _work(self, pending: AsyncIterator[Document]) -> None:
        """One of the places in flight: take the next document to its verdict, until there is none."""
        try:
            while (document := await self._next(pending)) is not None:
                self.tally.in_flight += 1
                self._on_change(self.tally)
                try:
                    verdict = await self._run_document(document)
                finally:
                    self.tally.in_flight -= 1
                    self._moved.set()
                self._count(verdict)
        except AutodataError as problem:
            self.stop(problem)

    async def _next(self, pending: AsyncIterator[Document]) -> Document | None:
        """The next document; None if there is none, or no more are wanted. One is read at a time, in order."""
        async with self._taking:
            return await anext(pending, None) if await self._place() else None

    async def _run_document(self, document: Document) -> str:
        given = LoopInput(document=DocumentInput(id=document.id, title=document.title, text=document.text))
        budget = self.resources.gateway.budget
        budget.begin(document.id)
        try:
            metadata = {**self._described, "document": document.id}
            result = await self._graph.ainvoke(given, {"metadata": metadata}, context=self._context)
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

    async def _pending(self, entries: AsyncIterator[Entry]) -> AsyncIterator[Document]:
        """The documents that are still to be decided; what becomes of the others is recorded and counted."""
        async for entry in entries:
            if self._enough():
                return
            if entry.document is not None:
                self.resources.ledger.document(entry.document, entry.position, entry.source.name, entry.signature)
                self.tally.read += 1
                yield entry.document
            elif entry.reason:
                if not entry.known:
                    self.resources.ledger.skip(entry.source.name, entry.reason)
                self.tally.skipped += 1
                self._on_change(self.tally)
            else:
                self._count(self._verdicts[entry.source.name], read=True)

    def _count(self, verdict: str, read: bool = False) -> None:
        self.tally.read += read
        self.tally.verdicts[verdict] = self.tally.verdicts.get(verdict, 0) + 1
        self._on_change(self.tally)


def _before(connection: Connection, run: int) -> tuple[Before, dict[str, str]]:
    """What earlier sessions made of a run's documents, and the verdicts by file."""
    documents, outcomes, skipped = t.documents.c, t.outcomes.c, t.skipped.c
    columns = (documents.file, documents.id, documents.text, documents.signature, outcomes.verdict)
    same = (outcomes.run == documents.run) & (outcomes.document == documents.id)
    query = select(*columns).outerjoin(t.outcomes, same).where(documents.run == run)
    rows = connection.execute(query).all()
    left_out = connection.execute(select(skipped.file, skipped.reason).where(skipped.run == run)).all()
    before = Before(
        {
            row.file: Recorded(row.id, bytes(row.text).hex(), bytes(row.signature or b""), row.verdict is not None)
            for row in rows
        },
        {row.file: row.reason for row in left_out},
    )
    return before, {row.file: row.verdict for row in rows if row.verdict is not None}

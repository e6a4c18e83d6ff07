"""Takes documents in, one after another and only when asked: each is read and compared with those before it."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from autodata.documents.duplicates import DuplicateIndex, signature_of
from autodata.documents.reading import Reader, Unreadable
from autodata.documents.sources import Source, each_document
from autodata.errors import RunConflictError
from autodata.schemas import Document, fingerprint


class Entry(NamedTuple):
    """What became of a file, or of a line of a JSONL file."""

    source: Source
    position: int
    """Its place among all documents of the run."""
    document: Document | None
    """None if it is left out, or was decided before."""
    signature: bytes
    reason: str
    """Why it is left out; empty if it is not."""
    known: bool = False
    """Whether an earlier session of the run left it out or decided it, so that it was not read again."""


class Recorded(NamedTuple):
    """A document as an earlier session of the run recorded it."""

    id: str
    text: str
    """The fingerprint of its text."""
    signature: bytes
    decided: bool


@dataclass(frozen=True)
class Before:
    """What earlier sessions made of the documents, by name."""

    documents: Mapping[str, Recorded] = field(default_factory=dict)
    skipped: Mapping[str, str] = field(default_factory=dict)


class Intake:
    """The documents of a run. What one session left out stays out in the next, so that all decide alike."""

    def __init__(self, sources: Sequence[Source], most_bytes: int, before: Before | None = None) -> None:
        self._sources = sources
        self._before = before or Before()
        self._reader = Reader(most_bytes)
        self._texts: dict[bytes, str] = {}
        self._ids: dict[str, str] = {}
        self._near = DuplicateIndex()

    async def close(self) -> None:
        """End the process that reads, if one was started."""
        await self._reader.close()

    async def entries(self) -> AsyncIterator[Entry]:
        """Every document in order, read when its turn comes.

        Raises:
            RunConflictError: if a document that the run began on has another text by now.
        """
        for position, source in enumerate(each_document(self._sources)):
            recorded = self._before.documents.get(source.name)
            if source.name in self._before.skipped:
                yield Entry(source, position, None, b"", self._before.skipped[source.name], known=True)
            elif recorded is not None and recorded.decided:
                self._remember(source.name, recorded.id, recorded.text, recorded.signature)
                yield Entry(source, position, None, recorded.signature, "", known=True)
            else:
                yield await self._taken(source, position, recorded)

    async def _taken(self, source: Source, position: int, recorded: Recorded | None) -> Entry:
        """Read a document, and leave it out if there is one like it."""
        try:
            document = await self._reader.read(source)
        except Unreadable as reason:
            return Entry(source, position, None, b"", str(reason))
        text = fingerprint(document.text)
        if recorded is not None and recorded.text != text[: len(recorded.text)]:
            raise RunConflictError(f"{source.name} has changed since the run began; use another --out")
        signature = recorded.signature if recorded else await asyncio.to_thread(signature_of, document.text)
        twin = None if recorded else self._twin(document, text, signature)
        if twin:
            return Entry(source, position, None, b"", twin)
        self._remember(source.name, document.id, text, signature)
        return Entry(source, position, document, signature, "")

    def _twin(self, document: Document, text: str, signature: bytes) -> str:
        """Which earlier document this one is a duplicate of, in words; empty if of none."""
        if (same := self._texts.get(bytes.fromhex(text[:32]))) is not None:
            return f"duplicate of {same}"
        if (near := self._near.nearest(signature)) is not None:
            return f"near duplicate of {near.name} (similarity {near.similarity:.2f})"
        if (other := self._ids.get(document.id)) is not None:
            return f"its id {document.id!r} is that of {other}"
        return ""

    def _remember(self, name: str, id: str, text: str, signature: bytes) -> None:
        self._texts[bytes.fromhex(text[:32])] = name
        self._ids[id] = name
        self._near.add(name, signature)

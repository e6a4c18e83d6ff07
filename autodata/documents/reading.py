"""Reads one document, or says in a few words why it cannot be used."""

import asyncio
import os
import re

from autodata.documents.apart import Apart
from autodata.documents.formats import FORMATS, SUFFIXES, Reading, Unreadable, suffix_of
from autodata.documents.jsonl import read_line
from autodata.documents.sources import Source
from autodata.documents.worker import reader_of
from autodata.schemas import Document

__all__ = ["MIN_CHARS", "Reader", "Unreadable"]

MIN_CHARS = 200
"""Shorter texts ground no question; the published loop skips them too."""

_HEADING = re.compile(r"^#{1,3}\s+(.+?)\s*#*\s*$", re.MULTILINE)
_FRONT_TITLE = re.compile(r"\A---\s*\n.*?^title:\s*[\"']?(.+?)[\"']?\s*$", re.MULTILINE | re.DOTALL)


class Reader:
    """Reads documents one at a time, never on the event loop's own thread."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._apart = Apart()

    async def read(self, source: Source) -> Document:
        """The document in a file or line.

        Raises:
            Unreadable: with the reason, if there is none.
        """
        suffix = suffix_of(source.path)
        if suffix not in SUFFIXES:
            raise Unreadable(f"not a supported format (supported: {', '.join(SUFFIXES)})")
        if not os.path.isfile(source.path):  # a pipe or a device would keep a reader waiting for ever
            raise Unreadable("no regular file")
        if source.size > self._most_bytes:
            raise Unreadable(f"larger than limits.document_bytes ({source.size:,} of {self._most_bytes:,} bytes)")
        if suffix in FORMATS and FORMATS[suffix].apart:
            return _document(await self._apart.read(source.path), source)
        return await asyncio.to_thread(_read_here, source)

    async def close(self) -> None:
        """End the process that reads, if one was started."""
        await self._apart.close()


def _read_here(source: Source) -> Document:
    """Plain text, and lines of JSONL, which no reading can take long."""
    try:
        if source.offset is not None:
            record = read_line(source.path, source.offset, source.size)
            return _document(Reading(record.title, record.text), source, record.id)
        return _document(reader_of(source.path)(source.path), source)
    except OSError as problem:
        raise Unreadable(f"cannot be read: {problem.strerror}") from None


def _document(reading: Reading, source: Source, id: str = "") -> Document:
    """The document of a reading, if there is enough of it."""
    text = _sendable(reading.text.replace("\r\n", "\n")).strip()
    if not text:
        raise Unreadable("empty")
    if len(text) < MIN_CHARS:
        raise Unreadable(f"too short ({len(text)} of {MIN_CHARS} characters)")
    title = _sendable(reading.title).strip() or _title(text) or _stem(source)
    return Document.of(title, text, _sendable(id) or None)


def _sendable(text: str) -> str:
    """A text without the characters that no server takes: zeros, and halves of others."""
    return text.replace("\0", "").encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def _title(text: str) -> str:
    """The title in the front matter, or the first heading; empty if there is neither."""
    found = (_FRONT_TITLE.search(text[:4000]) if text.startswith("---") else None) or _HEADING.search(text)
    return found[1].strip() if found else ""


def _stem(source: Source) -> str:
    """A file's name without folders and suffix; a line's name as it is."""
    name = source.name.rpartition("/")[2]
    return name if source.offset is not None else name.rpartition(".")[0] or name

"""Reads one document, or says in a word why it cannot be used."""

import re

from autodata.documents.sources import SUFFIXES, Source
from autodata.schemas import Document

MIN_CHARS = 200
"""Shorter texts ground no question; the published loop skips them too."""
MAX_BYTES = 20_000_000

_HEADING = re.compile(r"^#{1,3}\s+(.+?)\s*#*\s*$", re.MULTILINE)
_FRONT_TITLE = re.compile(r"\A---\s*\n.*?^title:\s*[\"']?(.+?)[\"']?\s*$", re.MULTILINE | re.DOTALL)


class Unreadable(Exception):
    """Why a file is left out; the reason is reported under `skipped`."""


def read_document(source: Source) -> Document:
    """The document in a file; Unreadable with the reason if it is none."""
    if source.path.suffix.lower() not in SUFFIXES:
        raise Unreadable(f"not a supported format (supported: {', '.join(SUFFIXES)})")
    if source.size > MAX_BYTES:
        raise Unreadable(f"larger than MAX_BYTES ({source.size:,} of {MAX_BYTES:,} bytes)")
    try:
        content = source.path.read_bytes()
    except OSError as problem:
        raise Unreadable(f"cannot be read: {problem.strerror}") from None
    if b"\0" in content[:8192]:
        raise Unreadable("binary, not text")
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n").strip()
    except UnicodeDecodeError:
        raise Unreadable("not UTF-8 text") from None
    if not text:
        raise Unreadable("empty")
    if len(text) < MIN_CHARS:
        raise Unreadable(f"too short ({len(text)} of {MIN_CHARS} characters)")
    return Document.of(_title(text, source), text)


def _title(text: str, source: Source) -> str:
    """The title in the front matter or the first heading; else the file's name."""
    found = (_FRONT_TITLE.search(text[:4000]) if text.startswith("---") else None) or _HEADING.search(text)
    return found[1].strip() if found else source.path.stem

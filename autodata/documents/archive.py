"""Opens the zip archives that DOCX and EPUB files are, and refuses those that would unpack to too much."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager

from autodata.documents.formats import Unreadable

UNPACKED_BYTES = 200_000_000
"""What an archive may unpack to: a zip bomb says so in its directory, and no more than that is ever unpacked."""


@contextmanager
def archive(path: str) -> Iterator[zipfile.ZipFile]:
    """A file's archive; Unreadable if it is none, is encrypted, too large or declares XML entities."""
    try:
        with zipfile.ZipFile(path) as opened:
            entries = opened.infolist()
            unpacked = sum(entry.file_size for entry in entries)
            if unpacked > UNPACKED_BYTES:
                raise Unreadable(f"unpacks to more than UNPACKED_BYTES ({unpacked:,} of {UNPACKED_BYTES:,} bytes)")
            if any(entry.flag_bits & 1 for entry in entries):
                raise Unreadable("encrypted")
            yield opened
    except (zipfile.BadZipFile, NotImplementedError, EOFError, KeyError) as problem:
        raise Unreadable(f"broken: {problem}") from None


def part(opened: zipfile.ZipFile, name: str) -> bytes:
    """A part of an archive; Unreadable if it is XML that declares entities, which no such file needs."""
    content = opened.read(name)
    if b"<!ENTITY" in content:
        raise Unreadable(f"{name} declares XML entities")
    return content

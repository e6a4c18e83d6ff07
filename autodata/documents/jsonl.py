"""Reads JSONL: a document a line, `{"id", "title", "text"}`, found by its place in the file."""

import json
from collections.abc import Iterator
from typing import NamedTuple

from autodata.documents.formats import Unreadable

_PIECE = 1 << 20


class Line(NamedTuple):
    """Where a line that is not blank begins, and its size in bytes."""

    number: int
    offset: int
    size: int


class Record(NamedTuple):
    """A document as a line gives it; `id` is empty if it gives none."""

    id: str
    title: str
    text: str


def lines_of(path: str) -> Iterator[Line]:
    """The lines of a file that are not blank; however long one is, a megabyte of it is held at most."""
    with open(path, "rb") as file:
        number, offset, size, blank = 1, 0, 0, True
        while piece := file.readline(_PIECE):
            size += len(piece)
            blank = blank and not piece.strip()
            if piece.endswith(b"\n"):
                if not blank:
                    yield Line(number, offset, size)
                number, offset, size, blank = number + 1, offset + size, 0, True
        if not blank:
            yield Line(number, offset, size)


def read_line(path: str, offset: int, size: int) -> Record:
    """The document in a line; Unreadable with what is wrong with it."""
    with open(path, "rb") as file:
        file.seek(offset)
        raw = file.read(size)
    try:
        found = json.loads(raw)
    except UnicodeDecodeError:
        raise Unreadable("not UTF-8, which JSON must be") from None
    except (ValueError, RecursionError) as problem:
        raise Unreadable(f"no JSON: {problem}") from None
    if not isinstance(found, dict) or not isinstance(found.get("text"), str):
        raise Unreadable('no JSON object with a "text"')
    for key in ("id", "title"):
        if not isinstance(found.get(key), str | int | None):
            raise Unreadable(f'its "{key}" is no text')
    id, title = ("" if found.get(key) is None else str(found[key]) for key in ("id", "title"))
    return Record(id, title, found["text"])

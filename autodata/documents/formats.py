"""Which module reads which format: a new format is a module with `read(path)` and a line here."""

import os
from collections.abc import Mapping
from typing import NamedTuple


class Unreadable(Exception):
    """Why a file is left out, in a few words; reported under `skipped`."""


class Reading(NamedTuple):
    """What a format's reader found in a file."""

    title: str
    """The title that the format itself holds; empty if it holds none."""
    text: str
    """In Markdown as far as the format has headings and tables."""


class Format(NamedTuple):
    """How a format is read."""

    module: str
    """The module whose `read(path)` gives a Reading; imported with the first such file."""
    apart: bool
    """Whether it is read in a process of its own: its parser may hang, crash or blow up on a bad file."""


_TEXT = Format("autodata.documents.plain", apart=False)
_HTML = Format("autodata.documents.html", apart=True)

FORMATS: Mapping[str, Format] = {
    ".md": _TEXT,
    ".markdown": _TEXT,
    ".txt": _TEXT,
    ".tex": Format("autodata.documents.latex", apart=True),
    ".html": _HTML,
    ".htm": _HTML,
    ".xhtml": _HTML,
    ".pdf": Format("autodata.documents.pdf", apart=True),
    ".docx": Format("autodata.documents.docx", apart=True),
    ".epub": Format("autodata.documents.epub", apart=True),
}
SUFFIXES = (*FORMATS, ".jsonl")


def suffix_of(path: str) -> str:
    """A file's suffix in small letters, such as `.pdf`."""
    return os.path.splitext(path)[1].lower()

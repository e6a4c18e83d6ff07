"""Reads Markdown and plain text, in whatever encoding it is."""

import codecs

from charset_normalizer import from_bytes

from autodata.documents.formats import Reading, Unreadable

_SAMPLE = 64 * 1024
"""How many bytes the encoding is guessed from: guessing takes a hundred times as long as reading."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read(path: str) -> Reading:
    """The text of a file."""
    with open(path, "rb") as file:
        return Reading("", decode(file.read()))


def decode(content: bytes) -> str:
    """Bytes as text: by their byte order mark, as UTF-8, or in the encoding that they most look like.

    Raises:
        Unreadable: if they look like no text.
    """
    marked = next((encoding for mark, encoding in _MARKS if content.startswith(mark)), None)
    if marked is None and b"\0" in content[:8192]:
        raise Unreadable("binary, not text")
    try:
        return content.decode(marked or "utf-8")
    except UnicodeDecodeError:
        guessed = None if marked else from_bytes(content[:_SAMPLE]).best()
    if guessed is None:
        raise Unreadable("text in no known encoding")
    return content.decode(guessed.encoding, "replace")

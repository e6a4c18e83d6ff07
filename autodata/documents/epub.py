"""Reads EPUB books: the chapters in reading order, each as Markdown."""

import posixpath
import zipfile
from collections.abc import Iterator
from urllib.parse import unquote
from xml.etree import ElementTree

from autodata.documents.archive import archive, part
from autodata.documents.formats import Reading, Unreadable
from autodata.documents.html import markdown
from autodata.documents.plain import decode

_ANY = "{*}"


def read(path: str) -> Reading:
    """The title and text of a book."""
    with archive(path) as opened:
        try:
            container = ElementTree.fromstring(part(opened, "META-INF/container.xml"))
            package = container.find(f".//{_ANY}rootfile")
            place = "" if package is None else package.get("full-path", "")
            book = ElementTree.fromstring(part(opened, place))
        except ElementTree.ParseError as problem:
            raise Unreadable(f"broken: {problem}") from None
        title = book.findtext(f".//{_ANY}title", "")
        names = list(dict.fromkeys(_spine(book, place)))
        if _encrypted(opened, names):
            raise Unreadable("encrypted")
        chapters = [_chapter(opened, name) for name in names]
    return Reading(" ".join(title.split()), "\n\n".join(filter(None, chapters)))


def _spine(book: ElementTree.Element, place: str) -> Iterator[str]:
    """The names of the chapters, in reading order."""
    files = {item.get("id"): item.get("href", "") for item in book.iter() if item.tag.endswith("}item")}
    for reference in book.iter():
        href = files.get(reference.get("idref")) if reference.tag.endswith("}itemref") else None
        if href:
            yield posixpath.normpath(posixpath.join(posixpath.dirname(place), unquote(href)))


def _encrypted(opened: zipfile.ZipFile, names: list[str]) -> bool:
    """Whether a chapter is encrypted; many books encrypt their fonts only."""
    listed = "META-INF/encryption.xml"
    found = part(opened, listed).decode("utf-8", "replace") if listed in opened.namelist() else ""
    return any(name in found for name in names)


def _chapter(opened: zipfile.ZipFile, name: str) -> str:
    """A chapter; nothing for what the book lists but does not hold."""
    return markdown(decode(part(opened, name))) if name in opened.namelist() else ""

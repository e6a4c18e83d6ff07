"""Reads Word documents: headings, lists and tables become Markdown, by way of HTML."""

import io

import mammoth

from autodata.documents.archive import archive, part
from autodata.documents.formats import Reading, Unreadable
from autodata.documents.html import markdown

_STYLES = "p[style-name='Title'] => h1:fresh\np[style-name='Subtitle'] => h2:fresh"
_OLE = b"\xd0\xcf\x11\xe0"  # Word encrypts by wrapping the archive into an older kind of file


def read(path: str) -> Reading:
    """The text of a Word document."""
    with open(path, "rb") as file:
        content = file.read()
    if content.startswith(_OLE):
        raise Unreadable("encrypted, or in the older Word format")
    with archive(path) as opened:
        for name in opened.namelist():
            if name.endswith((".xml", ".rels")):
                part(opened, name)
    page = mammoth.convert_to_html(io.BytesIO(content), style_map=_STYLES, convert_image=lambda _: []).value
    return Reading("", markdown(page))

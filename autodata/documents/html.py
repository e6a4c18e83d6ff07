"""Reads HTML into Markdown: headings, tables, lists and formulas stay, navigation and scripts go."""

import re
from html import unescape

from html_to_markdown import ConversionOptions, convert

from autodata.documents.formats import Reading
from autodata.documents.plain import decode

_OPTIONS = ConversionOptions(
    extract_metadata=False,
    skip_images=True,
    compact_tables=True,
    autolinks=False,
    sup_symbol="^",
    exclude_selectors=["footer", "aside", "annotation", "annotation-xml"],
)
_TITLE = re.compile(r"<title[^>]*>([^<]*)</title", re.IGNORECASE)
_CHARSET = re.compile(rb"<meta[^>]+charset=[\"']?([\w-]+)", re.IGNORECASE)
_FORMULA = re.compile(
    r"<math\b[^>]*\balttext=(?:\"([^\"]*)\"|'([^']*)')[^>]*>.*?</math>", re.IGNORECASE | re.DOTALL
)
_LINK = re.compile(r"\[([^\[\]\n]*)\]\((?:[^()\s]|\([^()\s]*\))*(?: \"[^\"\n]*\")?\)")


def read(path: str) -> Reading:
    """The text of a web page."""
    with open(path, "rb") as file:
        content = file.read()
    declared = _CHARSET.search(content[:4096])
    try:
        page = content.decode(declared[1].decode()) if declared else decode(content)
    except (LookupError, UnicodeDecodeError):
        page = decode(content)
    found = _TITLE.search(page)
    return Reading(" ".join(unescape(found[1]).split()) if found else "", markdown(page))


def markdown(page: str) -> str:
    """A page as Markdown; a formula with a TeX source is given by that, a link by its words."""
    formulas = _FORMULA.sub(lambda found: f" ${found[1] or found[2]}$ ", page)
    return _LINK.sub(r"\1", convert(formulas, _OPTIONS).content or "").strip()

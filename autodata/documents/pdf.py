"""Reads PDF: the text page by page, with paragraphs by their spacing and headings by their letters."""

import ctypes
import math
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from pypdfium2 import PdfDocument, PdfiumError, PdfTextPage, raw

from autodata.documents.formats import Reading, Unreadable

LARGER = 1.12
"""How much larger than the body's letters those of a heading are."""
HEADING_CHARS = 120
BOLD_HEADING_WORDS = 10

_SOFT_HYPHEN = re.compile("[\ufffe\u00ad]\\s?")  # PDFium marks a hyphen that only divides a word by U+FFFE
_BOLD = re.compile(r"bold|black|heavy|semibold|demi|cmbx|-bd", re.IGNORECASE)


class _Line(NamedTuple):
    text: str
    size: float
    """Of its letters, in points."""
    bold: bool
    height: float
    """Of its baseline above the foot of the page, in points."""


def read(path: str) -> Reading:
    """The title and text of a PDF.

    Raises:
        Unreadable: if it is encrypted or broken, or its pages hold no text.
    """
    try:
        document = PdfDocument(path)
        pages = [list(_lines(page.get_textpage())) for page in document]
        title = " ".join(document.get_metadata_value("Title").split())
    except PdfiumError as problem:
        secret = problem.err_code == raw.FPDF_ERR_PASSWORD
        raise Unreadable("encrypted" if secret else "broken: no readable PDF") from None
    if not any(pages):
        raise Unreadable(f"no text in its {len(pages)} pages: pictures of text need an OCR program first")
    return Reading(title if " " in title else "", _composed(pages))


def _lines(page: PdfTextPage) -> Iterator[_Line]:
    """The lines of a page in reading order, as PDFium finds it."""
    at = 0
    for line in page.get_text_range().splitlines(keepends=True):
        letters = [at + place for place, letter in enumerate(line) if letter.isalnum()]
        if letters:
            yield _line(page, line.strip(), letters)
        at += len(line)


def _line(page: PdfTextPage, text: str, letters: list[int]) -> _Line:
    """A line with the size of its middle letter: marks and formulas at its ends may be set otherwise."""
    middle = letters[len(letters) // 2]
    matrix, x, y = raw.FS_MATRIX(), ctypes.c_double(), ctypes.c_double()
    raw.FPDFText_GetMatrix(page, middle, matrix)
    raw.FPDFText_GetCharOrigin(page, letters[0], x, y)
    scale = math.hypot(matrix.c, matrix.d) or 1.0
    name, flags = ctypes.create_string_buffer(128), ctypes.c_int()
    raw.FPDFText_GetFontInfo(page, middle, name, len(name), flags)
    bold = bool(_BOLD.search(name.value.decode("utf-8", "replace")))
    return _Line(text, round(raw.FPDFText_GetFontSize(page, middle) * scale, 1), bold, y.value)


def _composed(pages: list[list[_Line]]) -> str:
    """Lines as paragraphs and headings."""
    kept = _own(pages)
    lines = [line for page in kept for line in page]
    if not lines:
        return ""
    body = _most([(line.size, len(line.text)) for line in lines])
    bold = _most([(float(line.bold), len(line.text)) for line in lines]) > 0
    leading = _most([(round(a.height - b.height, 1), 1) for page in kept for a, b in pairwise(page)])
    blocks: list[str] = []
    before: _Line | None = None
    for line in lines:
        heading = _is_heading(line, body, bold)
        same = before is not None and heading == _is_heading(before, body, bold)
        if before is not None and same and _joined(before, line, leading or body, heading):
            blocks[-1] += f" {line.text}" if heading else f"\n{line.text}"
        else:
            blocks.append(f"{'#' if line.size > 1.5 * body else '##'} {line.text}" if heading else line.text)
        before = line
    return _SOFT_HYPHEN.sub("", "\n\n".join(blocks))


def _own(pages: list[list[_Line]]) -> list[list[_Line]]:
    """The pages without their numbers and without the lines that most of them repeat."""
    shapes = Counter(shape for page in pages for shape in {_shape(line) for line in page})
    often = max(len(pages) / 2, 1.5)

    def is_own(line: _Line) -> bool:
        return not line.text.isdigit() and (shapes[_shape(line)] <= often or len(line.text) < 8)

    return [[line for line in page if is_own(line)] for page in pages]


def _joined(before: _Line, line: _Line, leading: float, heading: bool) -> bool:
    """Whether a line belongs to the paragraph or heading that the line before it is in."""
    if heading:
        return before.size == line.size and abs(before.height - line.height) < 2.2 * line.size
    down = before.height - line.height
    if down < -leading or down > 5 * leading:  # the next column or page
        return not before.text.endswith((".", ":", "?", "!"))
    return down < 1.4 * leading


def _is_heading(line: _Line, body: float, bold_body: bool) -> bool:
    """A short line in larger letters, or a very short one in bold that begins like a title."""
    if len(line.text) > HEADING_CHARS or sum(letter.isalpha() for letter in line.text) < 3:
        return False
    if line.size > LARGER * body:
        return True
    begins = line.text[0].isupper() or line.text[0].isdigit()
    whole = len(line.text.split()) <= BOLD_HEADING_WORDS and not line.text.endswith((".", ",", ":"))
    return line.bold and not bold_body and begins and whole and line.size >= body


def _shape(line: _Line) -> str:
    """A line without its numbers: what a running head has in common from page to page."""
    return re.sub(r"\d+", "#", line.text)


def _most(weighted: list[tuple[float, int]]) -> float:
    """The value with most weight; 0 if there is none."""
    weights: Counter[float] = Counter()
    for value, weight in weighted:
        weights[value] += weight
    return weights.most_common(1)[0][0] if weights else 0.0

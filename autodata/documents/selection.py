"""Which part of a long document is shown in a round: the beginning always, the other sections in turn.

Nothing is cut inside a sentence, and over the rounds every part of the document has its turn. What has no end of
a sentence for half the budget is taken for no sentence, and divided between words.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from autodata.documents.outline import sections_of

CHARS_PER_TOKEN = 4
"""Reckoned: English prose has 4 to 5 characters a token, code and formulas 3, Chinese 1 to 2."""
ALWAYS_SHARE = 0.35
"""How much of the budget the beginning may take."""
OPENING_PIECES = 4
"""In how many pieces a beginning that is too long is divided at least, to show as many as fit."""
LEFT_OUT = "[...]"

_OPENING = re.compile(r"^[\W\d]*(abstract|summary|introduction|overview|executive summary)\b", re.IGNORECASE)
_APPENDED = re.compile(
    r"^[\W\d]*(references|bibliography|works cited|literature cited|acknowledge?ments?|funding|"
    r"author contributions|competing interests|conflicts? of interest)\W*$",
    re.IGNORECASE,
)
_PARAGRAPH = re.compile(r"\n[ \t]*\n\s*")
_LINE = re.compile(r"\n(?=[ \t]*(?:\||[-*+•][ \t]|\d{1,3}[.)][ \t]))")  # rows of tables, items of lists
_ABBREVIATED = (
    "al",
    "cf",
    "Dr",
    "e.g",
    "Eq",
    "Eqs",
    "Fig",
    "Figs",
    "i.e",
    "Mr",
    "Mrs",
    "No",
    "p",
    "pp",
    "Sec",
    "v",
    "vs",
)
_SENTENCE = re.compile(
    "".join(rf"(?<!\b{re.escape(word)}\.)" for word in _ABBREVIATED)
    + r"(?<!\b[A-Z]\.)(?<=[.!?])[\"')\]]*\s+(?=[\"'(\[]?[^\Wa-z_])|(?<=[\u3002\uff01\uff1f])"
)
_WORD = re.compile(r"\s+")


class Excerpt(NamedTuple):
    """What is shown of a document in a round."""

    text: str
    sections: tuple[str, ...]
    """The names of the parts shown, such as `Method (2 of 3)`; empty if the document is shown whole."""


class _Part(NamedTuple):
    """A section, or a piece of one, that is shown together."""

    name: str
    text: str


def tokens_in(text: str) -> int:
    """About how many tokens a text has."""
    return -(-len(text) // CHARS_PER_TOKEN)


def excerpt(text: str, budget: int, round: int) -> Excerpt:
    """What a round shows of a document.

    Args:
        text: the whole document.
        budget: the most tokens to show.
        round: from 1; each round shows the sections after those of the round before, and begins again at the end.
    """
    if tokens_in(text) <= budget:
        return Excerpt(text, ())
    opening, others = _parts(text, budget * CHARS_PER_TOKEN)
    room = budget * CHARS_PER_TOKEN - sum(len(part.text) + _GAP for part in opening)
    windows = list(_windows(others, room))
    chosen = {*opening, *(windows[(round - 1) % len(windows)] if windows else ())}
    shown: list[str] = []
    for part in (*opening, *others):
        if part in chosen:
            shown.append(part.text.strip())
        elif shown and shown[-1] != LEFT_OUT:
            shown.append(LEFT_OUT)
    return Excerpt("\n\n".join(shown), tuple(part.name for part in (*opening, *others) if part in chosen))


_GAP = len(LEFT_OUT) + 4
"""What stands between two parts."""


def _parts(text: str, most: int) -> tuple[list[_Part], list[_Part]]:
    """The opening, which is always shown, and the other parts in order; lists of references are left out."""
    opening: list[_Part] = []
    others: list[_Part] = []
    room = int(most * ALWAYS_SHARE)
    for number, section in enumerate(sections_of(text)):
        if _APPENDED.match(section.title):
            continue
        whole = section.text.strip()
        opens = number == 0 or _OPENING.match(section.title)
        head = _head(whole, room - _GAP) if opens else ""
        pieces = [*filter(None, [head]), *_pieces(whole[len(head) :], most // 2)]
        name = section.title or "Beginning"
        parts = [
            _Part(f"{name} ({at} of {len(pieces)})" if len(pieces) > 1 else name, piece)
            for at, piece in enumerate(pieces, 1)
        ]
        if head:
            room -= len(head) + _GAP
            opening.append(parts.pop(0))
        others += parts
    return opening, others


def _head(text: str, most: int) -> str:
    """The beginning of a text, as long as it may be."""
    end = 0
    for piece in _pieces(text, max(most // OPENING_PIECES, 1)) if most > 0 else ():
        stop = text.index(piece, end) + len(piece)
        if stop > most:
            break
        end = stop
    return text[:end]


def _windows(parts: list[_Part], room: int) -> Iterator[tuple[_Part, ...]]:
    """The parts in groups that fit, each as large as it can be."""
    window: list[_Part] = []
    left = room
    for part in parts:
        if window and len(part.text) + _GAP > left:
            yield tuple(window)
            window, left = [], room
        window.append(part)
        left -= len(part.text) + _GAP
    if window:
        yield tuple(window)


def _pieces(text: str, most: int) -> Iterator[str]:
    """A text in pieces of at most `most` characters, divided where it hurts least."""
    return _divided(text.strip(), most, (_PARAGRAPH, _LINE, _SENTENCE, _WORD))


def _divided(text: str, most: int, borders: tuple[re.Pattern[str], ...]) -> Iterator[str]:
    """Pieces between the coarsest borders that make them small enough; words only of what is no sentence."""
    if len(text) <= most:
        if text:
            yield text
        return
    if not borders:
        yield from (text[at : at + most] for at in range(0, len(text), most))
        return
    start = begin = end = 0
    for found in (*borders[0].finditer(text), None):
        stop = found.start() if found else len(text)
        if stop - start > most and end > start:
            yield from _divided(text[start:end], most, borders[1:])
            start = begin
        end, begin = stop, found.end() if found else stop
    yield from _divided(text[start:end], most, borders[1:])

"""The citation check: each passage that an item quotes must stand in the document."""

import re
import unicodedata

from autodata.schemas import Document, Item

MIN_QUOTED_WORDS = 4
"""Fewer words in quotation marks are a term or a name, not a passage."""
SHOWN_CHARS = 120

_MARKS = "\"'`´‘’‚‛“”„‟‹›«»"  # noqa: RUF001  # the marks themselves
_DASHES = re.compile("[\u00ad\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
# Straight quotes open and close alike, so a passage may not run over a blank line.
_QUOTED = re.compile(r'"([^"]+?)"|“([^“”]+)”|„([^„“”]+)[“”]|«([^«»]+)»|``(.+?)\'\'|‘([^‘’]+(?:’\w[^‘’]*)*)’', re.S)  # noqa: RUF001
_LEFT_OUT = re.compile(r"\[?(?:\.\s?\.\s?\.|…)\]?")
# What typesetting adds or takes away without changing a word: space, marks, emphasis, brackets of an editor.
_UNSAID = re.compile(rf"[\s\u200b\u200c\u200d\ufeff{_MARKS}*_\[\]]+")
_HYPHEN = re.compile(r"(?<!\d)-(?!\d)")


def citation(item: Item, document: Document) -> list[str]:
    """One problem for each quoted passage of the item that the document does not hold."""
    texts = [item.context, item.question, item.reference_answer, *(entry.criterion for entry in item.rubric)]
    passages = list(dict.fromkeys(passage for text in texts for passage in quoted(text)))
    if not passages:
        return []
    held = normal(document.text)
    missing = (passage for passage in passages if not _occurs(passage, held))
    return [f'the document does not hold the quote "{_short(passage)}"' for passage in missing]


def quoted(text: str) -> list[str]:
    """The passages in quotation marks, of `MIN_QUOTED_WORDS` words or more."""
    found = []
    for paragraph in re.split(r"\n\s*\n", text):
        for groups in _QUOTED.findall(paragraph):
            passage = " ".join("".join(groups).split())
            if len(passage.split()) >= MIN_QUOTED_WORDS:
                found.append(passage)
    return found


def normal(text: str) -> str:
    """A text as it is compared: without case, line breaks, hyphenation, ligatures and kinds of quotes."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _HYPHEN.sub("", _UNSAID.sub("", _DASHES.sub("-", folded)))


def occurs(passage: str, text: str) -> bool:
    """Whether a text holds a passage; where the passage leaves words out (`...`), its parts in their order."""
    return _occurs(passage, normal(text))


def _occurs(passage: str, held: str) -> bool:
    at = 0
    for part in _LEFT_OUT.split(passage):
        wanted = normal(part).strip(".,;:!?")
        found = held.find(wanted, at)
        if found < 0:
            return False
        at = found + len(wanted)
    return True


def _short(passage: str) -> str:
    return passage if len(passage) <= SHOWN_CHARS else f"{passage[: SHOWN_CHARS - 4]} ..."

"""What the optimizer's two roles answer, and what is kept of an analysis once code has checked its evidence."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from typing import Annotated, NamedTuple

from pydantic import BaseModel, Field

from autodata.schemas import Text

MIN_QUOTE_CHARS = 12
"""A shorter quote occurs by chance, and is evidence of nothing."""

_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-")
_QUOTES = dict.fromkeys(map(ord, "\u2018\u2019\u201b`"), "'") | dict.fromkeys(map(ord, "\u201c\u201d\u201f"), '"')
_ELLIPSIS = re.compile(r"\s*(?:\.{3,}|\[\.{3,}\]|\u2026|\[\u2026\])\s*")


class EvidenceAnswer(BaseModel):
    """Where a pattern was seen: words of a document's round, as they stand in its trace."""

    document_id: str
    round: int
    quote: str


class PatternAnswer(BaseModel):
    """A systematic failure."""

    name: Text
    share: Annotated[float, Field(ge=0, le=1)]
    """Of the minibatch's documents, as the analyzer sees it."""
    evidence: list[EvidenceAnswer]
    cause: Text
    proposed_change: Text
    target_file: Text


class AnalyzerAnswer(BaseModel):
    """The failure analyzer's answer."""

    patterns: list[PatternAnswer]
    do_not_repeat: list[str]


class EditAnswer(BaseModel):
    """Replace a text of a file, which must occur in it exactly once."""

    file: Text
    search: str
    replace: str


class ImplementerAnswer(BaseModel):
    """The implementer's answer: search/replace edits, or a unified diff."""

    summary: Text
    rationale: str
    edits: list[EditAnswer]
    diff: str


class Pattern(NamedTuple):
    """A pattern whose evidence occurs in the traces."""

    name: str
    share: float
    """Of the minibatch's documents, those with evidence: counted by code, whatever the analyzer claimed."""
    evidence: tuple[EvidenceAnswer, ...]
    cause: str
    proposed_change: str
    target_file: str


class Analysis(NamedTuple):
    """What is kept of an analysis."""

    patterns: tuple[Pattern, ...]
    dropped: tuple[str, ...]
    """A line a pattern that was not kept: its name, and why."""
    do_not_repeat: tuple[str, ...]


Said = Mapping[tuple[str, int], Iterable[str]]
"""Every text of a document's round, by document id and round."""


def checked(answer: AnalyzerAnswer, said: Said, documents: int, editable: Collection[str]) -> Analysis:
    """Keep of an analysis what its evidence carries.

    Args:
        answer: as the analyzer gave it.
        said: what was really said in the minibatch.
        documents: how many documents it has.
        editable: the files that may be changed.
    """
    plain = {place: [normalised(text) for text in texts] for place, texts in said.items()}
    kept: list[Pattern] = []
    dropped: list[str] = []
    for pattern in answer.patterns:
        evidence = tuple(one for one in pattern.evidence if _occurs(one, plain))
        if pattern.target_file not in editable:
            dropped.append(f"{pattern.name}: {pattern.target_file} may not be changed")
        elif not evidence:
            dropped.append(f"{pattern.name}: none of its quotes occurs where it says")
        else:
            share = len({one.document_id for one in evidence}) / documents
            whole = (pattern.cause, pattern.proposed_change, pattern.target_file)
            kept.append(Pattern(pattern.name, share, evidence, *whole))
    kept.sort(key=lambda pattern: -pattern.share)
    return Analysis(tuple(kept), tuple(dropped), tuple(answer.do_not_repeat))


def normalised(text: str) -> str:
    """A text as quotes are compared: without differences of case, white space, dashes and quotation marks."""
    plain = unicodedata.normalize("NFKC", text).translate(_DASHES | _QUOTES)
    return " ".join(plain.casefold().split())


def _occurs(one: EvidenceAnswer, said: Mapping[tuple[str, int], list[str]]) -> bool:
    """Whether all pieces of a quote, which may leave words out with dots, stand in one text, in that order."""
    pieces = [normalised(piece) for piece in _ELLIPSIS.split(one.quote)]
    pieces = [piece.strip(" \"'") for piece in pieces if piece.strip(" \"'")]
    if sum(map(len, pieces)) < MIN_QUOTE_CHARS:
        return False
    return any(_in_order(pieces, text) for text in said.get((one.document_id, one.round), []))


def _in_order(pieces: list[str], text: str) -> bool:
    at = 0
    for piece in pieces:
        found = text.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return True

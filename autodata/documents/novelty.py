"""Tells whether a question is new: by the words that it shares with earlier ones, without a model.

Two questions are alike if they share most of their content words, and what the one asks for is in the other: a new
question about the setting of an old one shares the setting only. Measured in docs/novelty.md.
"""

import math
import re
import sys
from collections.abc import Iterable
from typing import NamedTuple

_WORD = re.compile(r"[^\W_]+")
_SENTENCE = re.compile(r"(?<=[.?!:;\u3002\uff1f\uff01])\s*")
_ASKS = re.compile(
    r"[?\uff1f]|^\W*(explain|predict|describe|show|demonstrate|argue|justify|name|state|compare|derive|discuss|give|"
    r"find|prove|compute|calculate|determine|decide|design|propose|write|implement)\b",
    re.IGNORECASE,
)
_STOP = """
a about after all also although an and any are argue as assume at be because become been before but by can
consider could describe did do does each either every explain for from get give given had has have he her his
how i if in into is it its itself justify may me might more most must my name no nor not now of on once one
only or other our over own predict same shall she should show so some state such suppose than that the their
them then there these they this those though to too under until up us very was we were what when where whether
which while who whom whose why will with within would yet you your
"""
_STOP_WORDS = frozenset(_STOP.split())
_ENDINGS = re.compile(r"(?<=\w{3})(?:ations?|ingly|ings?|edly|ie[sd]|er?s?|e[sd]|ly|s)$")
_STEM = 7
"""Letters of a word that count: `dependence` and `depends` are one."""
_LONGEST_WORD = 15
"""Mean letters a word beyond which a script sets no spaces, and pairs of characters stand for words."""


class Wording(NamedTuple):
    """The stems of a question's content words, and of those in the sentences that ask."""

    words: frozenset[str]
    asked: frozenset[str]


class Repeat(NamedTuple):
    """An earlier question that is too similar, and how similar, from 0 to 1."""

    question: str
    similarity: float


def wording_of(question: str) -> Wording:
    """What is compared of a question."""
    asking = [sentence for sentence in _SENTENCE.split(question) if _ASKS.search(sentence)]
    words = _stems(question)
    return Wording(words, _stems(" ".join(asking)) or words)


def similarity(one: Wording, other: Wording) -> float:
    """How much two questions have in common: 1 for the same words in any order, 0 for none.

    The geometric mean of the share of words in common (Dice) and of the share of what either asks that the
    other holds, whichever is less.
    """
    if not one.words or not other.words:
        return 0.0
    common = 2 * len(one.words & other.words) / (len(one.words) + len(other.words))
    asked = min(len(one.asked & other.words) / len(one.asked), len(other.asked & one.words) / len(other.asked))
    return math.sqrt(common * asked)


def repeated(question: str, earlier: Iterable[str], threshold: float) -> Repeat | None:
    """The most similar of some earlier questions, if it is at least as similar as `threshold`."""
    mine = wording_of(question)
    found = [Repeat(other, similarity(mine, wording_of(other))) for other in earlier]
    best = max(found, key=lambda repeat: repeat.similarity, default=None)
    return best if best is not None and best.similarity >= threshold else None


class Accepted:
    """The questions that a run has accepted, one a document, found by their words."""

    def __init__(self) -> None:
        self._questions: dict[str, str] = {}
        self._wordings: dict[str, Wording] = {}
        self._holding: dict[str, set[str]] = {}

    def add(self, document: str, question: str) -> None:
        """Remember a document's question."""
        self._questions[document] = question
        self._wordings[document] = wording = wording_of(question)
        for word in wording.words:
            self._holding.setdefault(word, set()).add(document)

    def withdraw(self, document: str) -> None:
        """Forget a document's question, if there is one."""
        self._questions.pop(document, None)
        wording = self._wordings.pop(document, None)
        for word in wording.words if wording else ():
            self._holding[word].discard(document)

    def repeated(self, document: str, question: str, threshold: float) -> Repeat | None:
        """The most similar question of another document, if it is at least as similar as `threshold`."""
        mine = wording_of(question)
        best: Repeat | None = None
        for other in sorted(self._candidates(mine, threshold) - {document}):
            alike = similarity(mine, self._wordings[other])
            if alike >= threshold and (best is None or alike > best.similarity):
                best = Repeat(self._questions[other], alike)
        return best

    def _candidates(self, mine: Wording, threshold: float) -> set[str]:
        """The documents whose question may be that similar.

        Each holds at least `needed` of the words that are asked for, since the square of the similarity is at
        most their share; so it holds one of any `asked - needed + 1` of them: the rarest are looked up.
        """
        asked = sorted(mine.asked, key=lambda word: (len(self._holding.get(word, ())), word))
        needed = math.ceil(threshold * threshold * len(asked) - 1e-9)
        found: set[str] = set()
        for word in asked[: len(asked) - needed + 1]:
            found |= self._holding.get(word, set())
        return {other for other in found if len(mine.asked & self._wordings[other].words) >= needed}


def _stems(text: str) -> frozenset[str]:
    words = _WORD.findall(text.lower())
    if sum(map(len, words)) > _LONGEST_WORD * len(words):
        return frozenset(text[at : at + 2] for at in range(len(text) - 1))
    return frozenset(_stem(word) for word in words if word not in _STOP_WORDS)


def _stem(word: str) -> str:
    return sys.intern(_ENDINGS.sub("", word)[:_STEM])  # ten thousand questions share their words

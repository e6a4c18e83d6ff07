"""Tells a text's language by its script or its commonest words; for a person's eyes, nothing depends on it."""

import re
from collections import Counter
from collections.abc import Mapping

_SAMPLE = 20_000
_LEAST_SHARE = 0.06
"""The share of a text's words that a language's commonest words must be."""

# The most frequent short words, without those that several of these languages share.
_WORDS: Mapping[str, str] = {
    "en": "the of and to is that for with as are this was by which from be",
    "de": "der und das von den mit ist dem nicht ein eine für auf sich auch wird",
    "fr": "les des est et une dans pour que qui sur par du plus avec sont aux",
    "es": "el los las una por que del con para como más su al está entre pero",
    "it": "il di che della per sono gli nel alla più dei delle con anche una questo",
    "pt": "os uma não para com da do dos das em que ao mais pelo são pela",
    "nl": "het van een en dat op zijn voor met niet aan wordt ook door bij naar",
    "pl": "się na jest nie że do oraz przez od jak są po dla tym",
    "sv": "och att det som är på för av med inte den till har ett om kan",
}
_SCRIPTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("hi", re.compile(r"[\u0900-\u097f]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
)
_SCRIPT_SHARE = 0.2
_LETTERS = re.compile(r"[^\W\d_]+")


def language_of(text: str) -> str:
    """The two-letter code of a text's language; `?` if it is none of the known ones.

    A script stands for its most spoken language: Ukrainian is told as `ru`, Persian as `ar`.
    """
    words = _LETTERS.findall(text[:_SAMPLE].lower())
    letters = sum(map(len, words))
    if not letters:
        return "?"
    joined = "".join(words)
    for language, script in _SCRIPTS:
        if len(script.findall(joined)) > _SCRIPT_SHARE * letters:
            return language
    counted = Counter(words)
    shares = {name: sum(counted[word] for word in known.split()) / len(words) for name, known in _WORDS.items()}
    best = max(shares, key=lambda name: shares[name])
    return best if shares[best] >= _LEAST_SHARE else "?"

"""What an item gives away or asks for unseen: the answer in its context, and figures that only the document has."""

import re
from collections.abc import Iterator

from autodata.schemas import Document, Item

NGRAM = 4
"""Words in a row that count as the same wording; shorter runs are common phrases."""
CONTEXT_SHARE_MAX = 0.25
"""Share of the reference answer's n-grams that the context may hold (method reference 8, #10; measured in
tests/autodata/checks/test_examples.py: clean items stay under 0.1, leaking ones are above 0.4)."""
FEWEST_NGRAMS = 8
"""A shorter reference answer has too few n-grams for a share to mean anything."""
DIGITS_OF_A_COUNT = 3
"""Whole numbers of fewer digits occur everywhere by chance; decimals and percentages do not."""

_WORD = re.compile(r"\w+(?:\.\d+)?")
_FIGURE = re.compile(r"(?<![\w.,])[+-]?(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?(?:\s?(%|per\s?cent|percent))?(?![\d])")
_YEARS = range(1900, 2100)


def context_leak(item: Item, document: Document) -> list[str]:
    """Whether context and question say what the reference answer says, in the same words."""
    reference = _ngrams(item.reference_answer)
    if len(reference) < FEWEST_NGRAMS:
        return []
    shared = reference & _ngrams(f"{item.context}\n\n{item.question}")
    share = len(shared) / len(reference)
    if share <= CONTEXT_SHARE_MAX:
        return []
    example = " ".join(next(gram for gram in _in_order(item.reference_answer) if gram in shared))
    return [f'the context gives {share:.0%} of the reference answer away, such as "{example}"']


def number_leak(item: Item, document: Document) -> list[str]:
    """Each criterion that wants a figure which the document reports and the solver is never shown."""
    given = _figures(f"{item.context}\n{item.question}")
    found = []
    for number, entry in enumerate(item.rubric, 1):
        unseen = {value: text for value, text in _figures(entry.criterion).items() if value not in given}
        if unseen:
            reported = _figures(document.text)
            leaked = [text for value, text in unseen.items() if value in reported]
            if leaked:
                found.append(f"criterion {number} wants {', '.join(leaked)}, which only the document tells")
    return found


def _ngrams(text: str) -> set[tuple[str, ...]]:
    return set(_in_order(text))


def _in_order(text: str) -> Iterator[tuple[str, ...]]:
    words = _WORD.findall(text.casefold())
    return zip(*(words[at:] for at in range(NGRAM)), strict=False)


def _figures(text: str) -> dict[float, str]:
    """The telling numbers of a text, by value: decimals, percentages and large counts, but no years."""
    found: dict[float, str] = {}
    for match in _FIGURE.finditer(text):
        whole, fraction, percent = match.groups()
        digits = whole.replace(",", "")
        telling = fraction or percent or len(digits) >= DIGITS_OF_A_COUNT
        if telling and not (fraction is None and percent is None and int(digits) in _YEARS):
            value = float(digits + (fraction or ""))
            found.setdefault(round(value / 100 if percent else value, 9), match[0].strip())
    return found

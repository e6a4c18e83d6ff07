"""What an item gives away, or asks for unseen: its answer, and figures that only the document has."""

import re
from collections.abc import Iterator

from autodata.schemas import Document, Item

NGRAM = 4
"""Words in a row that count as the same wording; shorter runs are common phrases."""
CONTEXT_SHARE_MAX = 0.2
"""Share of the reference answer's n-grams that context and question may hold (method reference 8, #10). Measured
on the examples in tests/autodata/checks: clean items stay under 0.1, one leaked sentence of two is above 0.25."""
FEWEST_NGRAMS = 8
"""A shorter reference answer has too few n-grams for a share to mean anything."""
DIGITS_OF_A_COUNT = 3
"""Whole numbers of fewer digits occur everywhere by chance; decimals and percentages do not."""

_WORD = re.compile(r"\w+(?:\.\d+)?")
_FIGURE = re.compile(r"(?<![\w.,])[+-]?(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?(?:\s?(%|per\s?cent|percent))?(?![\d])")
_YEARS = range(1900, 2100)


def context_leak(item: Item, document: Document) -> list[str]:
    """Whether context and question say what the reference answer says, in the same words."""
    share = ngram_share(item)
    if share <= CONTEXT_SHARE_MAX:
        return []
    shown = _ngrams(_seen(item))
    example = " ".join(next(gram for gram in _in_order(item.reference_answer) if gram in shown))
    return [f'the context gives {share:.0%} of the reference answer away, such as "{example}"']


def ngram_share(item: Item) -> float:
    """The share of the reference answer's wording that the solvers are shown; 0 for a very short answer."""
    reference = _ngrams(item.reference_answer)
    return len(reference & _ngrams(_seen(item))) / len(reference) if len(reference) >= FEWEST_NGRAMS else 0.0


def number_leak(item: Item, document: Document) -> list[str]:
    """Each criterion that wants a figure which the document reports and the solver is never shown."""
    wanted = [_figures(entry.criterion) for entry in item.rubric]
    if not any(wanted):
        return []
    reported = _figures(document.text).keys() - _figures(_seen(item)).keys()
    return [
        f"criterion {number} wants {', '.join(leaked)}, which only the document tells"
        for number, figures in enumerate(wanted, 1)
        if (leaked := [text for value, text in figures.items() if value in reported])
    ]


def _seen(item: Item) -> str:
    """All that a solver is shown."""
    return f"{item.context}\n\n{item.question}"


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

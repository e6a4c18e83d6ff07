"""What a legal question may not hold, whatever anybody says of it: its length, courtroom phrases, old years.

These are the published run's code overrides (method reference 5.2): a hit sends the item back to its writer.
Phrases match whole words, so that "contract assigned" is no "act as". A four-digit number of 18xx or 1900 to 1939
is a year, unless the words around it say that it is something else: a street number, money, an amount, a label.
Where they do not say, it is a year: to write another number costs little, and an old case in the data costs more.
"""

import re
import unicodedata
from typing import Final

QUESTION_CHARS: Final = 1000
"""The longest question (method reference 5.2)."""

PHRASES: Final = (
    "court of appeals",
    "supreme court of",
    "in the case of",
    "in re",
    "you are an",
    "act as",
    "as a law clerk",
    "draft the arguments",
    "draft the brief",
    "the trial court held",
    "on appeal",
)

_PHRASE = re.compile(rf"(?<![\w-])(?:{'|'.join(PHRASES)})(?![\w-])", re.IGNORECASE)

_NUMBER = re.compile(r"(?<!\w)(?:18\d\d|19[0-3]\d)(?:'?s)?(?!\w|[.,]\d)")
_SURELY_A_YEAR = re.compile(
    r"\b(?:in|since|during|circa|years?|early|late|mid|(?:january|february|march|april|may|june|july|august|september"
    r"|october|november|december)(?: \d{1,2}(?:st|nd|rd|th)?)?,?) $",
    re.IGNORECASE,
)
_LABEL_BEFORE = re.compile(
    r"(?:[$€£#§] ?|(?<!\d)\d{3}-|\b(?:nos?\.|number|section|sec\.|rule|article|chapter|form|unit|apartment|apt\.?"
    r"|suite|room|lot|box|route|highway|extension|ext\.) )$",
    re.IGNORECASE,
)
_AMOUNT_AFTER = re.compile(
    r" ?(?:dollars?|euros?|pounds?|usd|eur|gbp|square|sq|feet|foot|ft|acres?|met(?:er|re)s?|miles?|km|kg|lbs?"
    r"|tons?|gallons?|units?|shares?|hours?|minutes?|employees|people|workers|customers|tenants|pages|percent)\b",
    re.IGNORECASE,
)
# No "Court": "the 1925 Supreme Court decision" must stay a year.
_STREET_AFTER = re.compile(
    r" (?:(?:[NSEW]\.?|[A-Z][\w'.-]*|\d+(?:st|nd|rd|th)) ){0,5}(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd"
    r"|Lane|Ln|Drive|Dr|Way|Place|Pl|Terrace|Circle|Parkway|Pkwy|Highway|Hwy|Broadway)\b"
)


def overrides(question: str) -> tuple[str, ...]:
    """Every pattern that fires on a question, in words; none for a question that may go on."""
    text = " ".join(unicodedata.normalize("NFKC", question).split())
    found = []
    if len(question) > QUESTION_CHARS:
        found.append(f"{len(question)} characters, at most {QUESTION_CHARS}")
    phrases = (match[0].lower() for match in _PHRASE.finditer(text))
    found += [f'the phrase "{phrase}"' for phrase in dict.fromkeys(phrases)]
    years = (match[0] for match in _NUMBER.finditer(text) if _is_year(text[: match.start()], text[match.end() :]))
    found += [f"the year {year}" for year in dict.fromkeys(years)]
    return tuple(found)


def _is_year(before: str, after: str) -> bool:
    """Whether the words around a number leave it a year."""
    if _SURELY_A_YEAR.search(before):
        return True
    return not (_LABEL_BEFORE.search(before) or _AMOUNT_AFTER.match(after) or _STREET_AFTER.match(after))

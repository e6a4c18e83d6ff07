"""Phrases that give a bad item away: talk of a text that nobody has seen, and questions too easy to ask."""

import re

from autodata.schemas import Document, Item

MOST_QUESTION_MARKS = 2
"""`Would it? Why?` is one question; more are several (method reference 3.2: one question, no multi-part)."""

_LABEL = r"(?:Table|Tab\.|Figure|Fig\.|Section|Sec\.|Appendix|Algorithm|Equation|Eq\.|Theorem|Lemma)"
# `the paper` as a text, not as a material: no other noun follows that makes a thing of it.
_THING = r"(?!\s+(?:size|feed|tray|mill|machine|towel|form|trail|ballot|money|tape|clip))"
_UNSEEN = re.compile(
    rf"\b(?:(?:the|this|our|their|that)\s+(?:present\s+|original\s+|cited\s+)?(?:paper|article|manuscript){_THING}\b"
    r"|(?:this|our|the\s+present)\s+(?:work|study|survey|thesis)\b"
    r"|the\s+(?:authors?|researchers'\s+paper)\b"
    r"|(?:the|this)\s+(?:source\s+)?(?:document|source\s+text|passage|excerpt)\b(?!\s+(?:is|are|being)\s+"
    r"(?:split|parsed|indexed|encoded|retrieved))"
    r"|\bwe\s+(?:propose|show|find|found|present|introduce|demonstrate|observe)\b"
    r"|\bas\s+(?:shown|described|reported|discussed|mentioned|stated|noted|explained)\s+"
    r"(?:in\s+the\s+(?:text|appendix|paper)|above|below|earlier|previously)\b"
    r"|\bet\s+al\b\.?)",
    re.IGNORECASE,
)
_NUMBERED = re.compile(rf"\b{_LABEL}\s*\(?\d+(?:\.\d+)*\)?", re.IGNORECASE)
# A number in brackets after a word; `a[3]` and `in [0, 1]` are something else.
_MARK = re.compile(
    r"(?<=[a-z,;.)])(?<!list)(?<!array)(?<!sequence)(?<!set)(?<!vector)(?<!tuple)\s\[\d{1,3}\](?!\s*[=+*/<>-])"
)

_NUMBER = r"(?:accuracy|score|percentage|value|number)"
_EASY = {
    "asks to explain": re.compile(r"^(?:please\s+|briefly\s+)*explain\s+(?:why|how|what)\b", re.I),
    "asks why it works": re.compile(r"^why\s+(?:does|do|did|is|are)\b.*\b(?:work|fail|succeed)s?\b", re.I),
    "asks how it works": re.compile(r"^how\s+(?:does|do|did)\b.*\b(?:work|fail|succeed)\b", re.I),
    "asks to recall": re.compile(
        r"^(?:(?:please\s+)?(?:list|name|define|summari[sz]e|describe|enumerate|recall)\b"
        rf"|what\s+(?:is|was|are|were)\s+the\s+(?:exact|reported|measured|names?|definition|{_NUMBER})\b)",
        re.I,
    ),
    "asks for a number": re.compile(
        r"^(?:how\s+(?:many|much)|by\s+how\s+much|by\s+what\s+(?:percentage|factor)"
        rf"|what\s+(?:exact\s+|specific\s+)?{_NUMBER})\b",
        re.I,
    ),
}
_PART = re.compile(r"(?:^|\s)(?:\([a-d]\)|\([iv]{1,3}\)|[1-4][.)])\s+\S")
_SENTENCE = re.compile(r"(?<=[.?!:;])\s+")


def unseen_text(item: Item, document: Document) -> list[str]:
    """References to a text, table, section or citation that neither the solver nor the judge has before them."""
    places = [("the context", item.context), ("the question", item.question)]
    places += [(f"criterion {number}", entry.criterion) for number, entry in enumerate(item.rubric, 1)]
    found = []
    for place, text in places:
        phrases = [match[0].strip() for pattern in (_UNSEEN, _MARK) for match in pattern.finditer(text)]
        phrases += [match[0] for match in _NUMBERED.finditer(text) if not _shown(match[0], item.context)]
        if phrases:
            named = ", ".join(f'"{phrase}"' for phrase in dict.fromkeys(phrases))
            found.append(f"{place} refers to what the solver has not seen: {named}")
    return found


def phrasing(item: Item, document: Document) -> list[str]:
    """Question forms that weak solvers do well on, that test recall, or that ask several things."""
    sentences = [sentence.strip() for sentence in _SENTENCE.split(item.question) if sentence.strip()]
    found = []
    for sentence in sentences:
        reason = next((said for said, pattern in _EASY.items() if pattern.search(sentence)), None)
        if reason:
            found.append(f'the question {reason}: "{sentence[:80]}"')
    marks, parts = item.question.count("?"), len(_PART.findall(item.question))
    if marks > MOST_QUESTION_MARKS:
        found.append(f"the question asks {marks} things, by its question marks")
    elif parts > 1:
        found.append(f"the question has {parts} numbered parts; it must ask one thing")
    return found


def _shown(label: str, context: str) -> bool:
    """Whether the context itself shows the table or algorithm of that label: a line begins with it."""
    return re.search(rf"^\W*{re.escape(label)}\b", context, re.IGNORECASE | re.MULTILINE) is not None

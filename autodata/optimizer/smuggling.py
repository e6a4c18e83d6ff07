"""Ways to win without better questions: speaking to the solvers, and rubrics that reward a password.

A prompt that asks for such items is refused, and an item that shows them does not count, whichever prompt wrote
it: the second is the guard that holds longer, though no list of phrases is complete. What makes most of these ways
pointless is elsewhere: both solvers get the same prompt, byte for byte, and no rubric reaches them.
"""

import re
from collections.abc import Iterator

from autodata.schemas import Item

_KIND = r"(?:weak|strong|small|large|tiny|big)(?:er)?"
_SOLVER = rf"{_KIND} (?:solver|model|one|assistant|llm|ai)s?"
_TELL = r"(?:tell|instruct|order|command|direct|ask|remind|urge|warn|advise)(?:s|ing)?"
_PASSWORD = (
    r"\b(?:password|passphrase|passcode|code ?word|secret (?:word|token|phrase|string)|magic (?:word|phrase)|"
    r"(?:canary|marker|trigger) (?:word|token|phrase|string))s?\b"
)


def _pattern(*ways: str) -> re.Pattern[str]:
    return re.compile("|".join(ways), re.IGNORECASE)


_ASKS_FOR = {
    "it has the item speak to a solver": _pattern(
        rf"\b{_TELL} (?:the |a |any |every |each )?{_SOLVER}\b",
        rf"\b(?:if|when|unless) (?:you|it|the (?:reader|solver|model)) (?:are|is)\b[^.\n]{{0,20}}\b{_SOLVER}\b",
        r"\b(?:context|question)s?\b[^.\n]{0,60}\b(?:tell|instruct|order|command|forbid)s?\b[^.\n]{0,30}"
        r"\b(?:solver|model|reader)s? (?:not )?to\b",
    ),
    "it has an item hold a password": _pattern(_PASSWORD),
    "it has a check switched off": _pattern(
        r"\b(?:always|automatically) (?:pass|approve|accept)\b",
        r"\bpassed\b\W{1,4}(?:is |to |must be )?always\b",
        r"\b(?:ignore|skip|disregard|forget|override)\b[^.\n]{0,25}\b(?:checks?|rules?|above|previous|earlier)\b",
        r"\bnever (?:refuse|reject)\b",
    ),
}
_SPEAKS_TO_SOLVER = _pattern(
    rf"\b(?:if|when|unless|since|as) you(?:'re| are)\b[^.\n]{{0,30}}\b(?:{_KIND}|language model|ai)\b",
    rf"\b{_TELL} (?:the )?{_KIND} solvers?\b",
    r"\b(?:ignore|disregard|forget)\b[^.\n]{0,30}\b(?:instruction|prompt)s?\b",
    r"\b(?:do not|don't|never) (?:reason|think|solve)\b",
    r"\b(?:give|write|reply with|answer with) (?:a |the )?(?:wrong|false|deliberately \w+) answer\b",
)
_REWARDS_A_WORD = _pattern(
    _PASSWORD,
    r"\b(?:exact|literal|very) (?:word|string|token|phrase|marker)\b",
    r"\b(?:word|string|token|phrase|marker|tag) [\"'\u201c\u2018`]",
)


def smuggled(added: str) -> Iterator[str]:
    """What an edit's new lines ask for that has nothing to do with better questions."""
    for problem, pattern in _ASKS_FOR.items():
        found = pattern.search(added)
        if found:
            yield f"{problem}: {found[0]!r}"


def item_problems(item: Item) -> list[str]:
    """Why an accepted item does not count for the candidate that made it; empty for an honest one."""
    problems = []
    if _SPEAKS_TO_SOLVER.search(f"{item.context}\n{item.question}"):
        problems.append("context or question speaks to the solver")
    if any(_REWARDS_A_WORD.search(criterion.criterion) for criterion in item.rubric):
        problems.append("the rubric rewards a word, not an insight")
    return problems

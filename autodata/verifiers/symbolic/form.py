"""The form of short exact answers: the final one in a solver's text, and what code refuses of a challenger's."""

import re

MAX_ANSWER_CHARS = 240
MAX_WORDS = 12

_BOXED = re.compile(r"\\(?:boxed|fbox)\s*\{")
_FINAL = re.compile(r"^\W*final answer\W*?(?:\s+is)?\s*[:=](.+)$", re.IGNORECASE | re.MULTILINE)
_DECIMAL = re.compile(r"\d\.\d|\b0,\d|\d[eE][+-]?\d")
_INEXACT = re.compile(
    r"\\approx|\\sim(?![a-z])|\N{ALMOST EQUAL TO}|\b(?:about|around|approximately|roughly)\b", re.IGNORECASE
)
_DERIVED = re.compile(
    r"\n|;|\b(?:because|since|therefore|hence|thus|so that)\b|\\(?:implies|Rightarrow|therefore)\b|=.+="
)
_GUESSABLE = re.compile(
    r"(?:yes|no|true|false|none|both|neither|increases?|decreases?|unchanged|zero|one|two|three|four|five|six|seven|"
    r"eight|nine|ten|eleven|twelve|[A-Ea-e][.)])",
    re.IGNORECASE,
)
_PART = re.compile(r"(?:^|\s)\((?:[a-d]|i{1,3}|[1-4])\)\s|^\s*[a-d1-4][.)]\s", re.MULTILINE)
_VERB = "what|which|how|why|find|determine|compute|calculate|give|state|derive|show"
_ALSO = re.compile(rf"(?:, and|\band|;)\s+(?:also\s+)?(?:{_VERB})\b", re.IGNORECASE)


def final_answer(text: str) -> str | None:
    """The last boxed answer in a text, or the last after `Final answer:`; None if there is neither."""
    boxed = [found.end() for found in _BOXED.finditer(text)]
    if boxed:
        return _braced(text, boxed[-1])
    lines = _FINAL.findall(text)
    return lines[-1].strip(" *") or None if lines else None


def question_problems(question: str) -> list[str]:
    """What breaks the rule that a question asks for one thing (method reference 6.2)."""
    found = []
    if question.count("?") > 1:
        found.append("the question holds several question marks; ask one thing")
    if len(_PART.findall(question)) > 1 or _ALSO.search(question):
        found.append("the question has several parts; ask one thing")
    return found


def answer_problems(answer: str) -> list[str]:
    """What breaks the rule that an answer is short, exact and hard to guess; integers need algebra to be seen."""
    found = []
    words = len(re.findall(r"(?<![\\A-Za-z])[A-Za-z]{2,}", answer))
    if len(answer) > MAX_ANSWER_CHARS or words > MAX_WORDS:
        found.append("the answer is too long; one expression, name or short phrase")
    if _DERIVED.search(answer):
        found.append("the answer holds a derivation, a reason or a list; give the result alone")
    if _DECIMAL.search(answer) or _INEXACT.search(answer):
        found.append("the answer is a rounded number; give it exactly, as a fraction, a root or a formula")
    if _GUESSABLE.fullmatch(answer.strip(" $.")):
        found.append("the answer can be guessed; ask for a formula or a name")
    return found


def has_symbols(answer: str) -> bool:
    """Whether an answer, or its right side, holds letters beside commands: it is then no plain number."""
    return re.search(r"[A-Za-z]", re.sub(r"\\[A-Za-z]+", "", answer.rpartition("=")[2])) is not None


def _braced(text: str, start: int) -> str | None:
    """The text from `start` to the brace that closes it; None if none does."""
    depth = 1
    for at in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[at], 0) if text[at - 1] != "\\" else 0
        if depth == 0:
            return text[start:at].strip() or None
    return None

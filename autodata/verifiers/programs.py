"""Finds the program in an answer."""

import re

_FENCED = re.compile(r"```(?:python|py)?[ \t]*\n(.*?)(?:```|$)", re.DOTALL)


def program_in(answer: str, function: str = "") -> str:
    """The last code block that defines the function, else the first code block, else all of the answer."""
    blocks: list[str] = _FENCED.findall(answer)
    defining = [block for block in blocks if function and re.search(rf"\bdef\s+{re.escape(function)}\b", block)]
    return (defining[-1:] or blocks[:1] or [answer])[0]

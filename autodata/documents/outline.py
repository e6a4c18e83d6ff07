"""The sections of a text, by its Markdown headings."""

import re
from typing import NamedTuple

# A `#` in a fenced block is a comment of a program, no heading.
_MARK = re.compile(r"^(```|~~~)|^(#{1,6})[ \t]+(\S.*?)[ \t]*#*[ \t]*$", re.MULTILINE)


class Section(NamedTuple):
    """A heading and the text under it, up to the next heading of any level."""

    title: str
    """Empty for what stands before the first heading."""
    text: str
    """With the heading."""


def sections_of(text: str) -> list[Section]:
    """A text's sections in order; joined again they are the text."""
    starts: list[tuple[int, str]] = []
    fence = ""
    for mark in _MARK.finditer(text):
        if mark[1]:
            fence = "" if fence == mark[1] else fence or mark[1]
        elif not fence:
            starts.append((mark.start(), mark[3]))
    if not starts or starts[0][0] > 0:
        starts.insert(0, (0, ""))
    ends = [at for at, _ in starts[1:]] + [len(text)]
    return [Section(title, text[at:end]) for (at, title), end in zip(starts, ends, strict=True)]

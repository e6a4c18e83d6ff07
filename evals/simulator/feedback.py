"""How the simulated challenger reads its feedback: harder after TOO EASY, easier after FAILED ON STRONG."""

import random

# The first item is too easy, as the published single-shot ones are; feedback moves the next ones.
FIRST_DIFFICULTY, DIFFICULTY_SPREAD = -1.7, 0.6
HARDER, EASIER = 0.45, 0.35


def next_difficulty(text: str, source: random.Random) -> float:
    """The difficulty, in logits, of the item that is written next."""
    easy, strong, zero = (listed(text, group) for group in ("TOO EASY", "FAILED ON STRONG", "SUSPICIOUS ZERO"))
    return FIRST_DIFFICULTY + HARDER * easy - EASIER * (strong + zero) + source.gauss(0, DIFFICULTY_SPREAD)


def listed(text: str, group: str) -> int:
    """How many questions are listed under a heading of the feedback."""
    _, found, rest = text.rpartition(group)
    if not found:
        return 0
    lines = rest.splitlines()[1:]
    count = 0
    for line in lines:
        if not line.startswith("- ["):
            break
        count += 1
    return count

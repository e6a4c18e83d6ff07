"""How a rubric's weight is spread: no criterion may decide an item alone."""

from fractions import Fraction

from autodata.schemas import Document, Item

DOMINANT_SHARE = Fraction(1, 4)
"""The largest share of the positive weight that one criterion may carry (method reference 8, #15)."""


def dominant_criterion(item: Item, document: Document) -> list[str]:
    """Each criterion that carries more than its share of what can be earned."""
    earned = sum(entry.weight for entry in item.rubric if entry.weight > 0)
    return [
        f"criterion {number} carries {entry.weight} of {earned} points, more than {DOMINANT_SHARE} of them"
        for number, entry in enumerate(item.rubric, 1)
        if entry.weight > earned * DOMINANT_SHARE
    ]

"""How tables are spoken of: quoted headers, nouns for the rows, numbers as literals, columns that multiply."""

import re
from fractions import Fraction

from autodata.verifiers.numeric.tables import Column, Table

_RATE = re.compile(r"^(?P<amount>.+?)\s+per\s+(?P<noun>[^\s\d]+)$")


def quote(header: str) -> str:
    """A column as a question names it: by its header, to the letter."""
    return f'"{header}"'


def plural(header: str) -> str:
    """A noun for the rows, from the header of the row names: `Branch` gives `branches`."""
    noun = header.lower()
    if noun.endswith("s"):
        return noun
    if noun.endswith(("x", "ch", "sh")):
        return f"{noun}es"
    if re.search(r"[^aeiou]y$", noun):
        return f"{noun[:-1]}ies"
    return f"{noun}s"


def all_rows(table: Table) -> str:
    """All rows, in words: `all 4 orchards`."""
    return f"all {len(table.rows)} {plural(table.row_header)}"


def others(table: Table, named: int) -> str:
    """That the rows which were not named stay as they are; nothing if there are none."""
    left = len(table.rows) - named
    if left == 0:
        return ""
    noun = plural(table.row_header)
    return (
        f", while the other {noun} stay as they are"
        if left > 1
        else f", while the rest of the {noun} stays as it is"
    )


def decimal(value: Fraction) -> str:
    """An exact decimal numeral; cells of a table always have one."""
    if value.denominator == 1:
        return str(value.numerator)
    return f"{float(value):.12g}"


def literal(table: Table, header: str) -> str:
    """A column as a Python dict from row to number."""
    cells = zip(table.rows, table.column(header).cells, strict=True)
    pairs = ", ".join(f"{row!r}: {decimal(cell)}" for row, cell in cells if cell is not None)
    return f"{{{pairs}}}"


def render(table: Table) -> str:
    """The table in Markdown with plain numbers: no separators between thousands, no signs, no total row."""
    lines = [
        "| " + " | ".join([table.row_header, *(column.header for column in table.columns)]) + " |",
        "|" + "---|" * (len(table.columns) + 1),
    ]
    for at, row in enumerate(table.rows):
        cells = (column.cells[at] for column in table.columns)
        lines.append("| " + " | ".join([row, *("n/a" if c is None else decimal(c) for c in cells)]) + " |")
    return "\n".join(lines)


def product_columns(table: Table) -> list[tuple[str, ...]]:
    """The pairs (base, rate) whose product means something, such as `Sold (kg)` and `Price (EUR per kg)`."""
    pairs: list[tuple[str, ...]] = []
    for at, rate in enumerate(table.columns):
        match = _RATE.match(rate.unit)
        if match is None or not rate.complete:
            continue
        ranked = [
            (rank, base.header)
            for place, base in enumerate(table.columns)
            if base.additive and base.complete and (rank := _match(base, match["noun"], abs(at - place) == 1))
        ]
        if ranked:
            pairs.append((max(ranked, key=lambda found: found[0])[1], rate.header))
    return pairs


def _match(base: Column, noun: str, adjacent: bool) -> int:
    """How surely a rate `per noun` belongs to a column; 0 for not at all.

    A column that is named by the noun is surest; one in that unit counts if it stands beside the rate, since
    a table may hold several in the same unit (energy produced, energy sold) of which one is meant.
    """
    wanted = _singular(noun)
    names = [_singular(word) for word in base.name.split()]
    if names == [wanted]:
        return 4
    if _singular(base.unit) == wanted and adjacent:
        return 3
    if wanted in names and (adjacent or names[0] == wanted):
        return 2
    return 0


def _singular(word: str) -> str:
    """A noun without its plural ending; units of up to three letters are left as they are."""
    noun = word.lower()
    if len(noun) <= 3:
        return noun
    for ending, stem in (("aves", "af"), ("ies", "y"), ("ches", "ch"), ("shes", "sh"), ("s", "")):
        if noun.endswith(ending):
            return noun[: -len(ending)] + stem
    return noun

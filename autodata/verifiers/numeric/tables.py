"""Reads the tables of a Markdown document into exact numbers with named rows and columns."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

_SEPARATOR = re.compile(r"^\s*\|?\s*:?-{2,}:?\s*(\|\s*:?-{2,}:?\s*)*\|?\s*$")
_TOTAL = re.compile(r"^(grand |sub)?(total|sum|all|overall|average|mean)s?\b", re.IGNORECASE)
_UNIT = re.compile(r"^(?P<name>.*?)\s*\((?P<unit>[^()]+)\)\s*$")
_DECORATION = re.compile(r"[€$£¥%*†‡\s\u00a0\u202f]|EUR|USD|GBP")
_SIGN = re.compile(r"[€$£¥%]|EUR|USD|GBP")
_NUMERAL = re.compile(r"^[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?$")
# A column of such a name is no amount: adding its cells up means nothing.
_INTENSIVE = re.compile(
    r"\b(mean|average|median|rate|ratio|share|price|fee|cost per|index|speed|pressure|temperature|change|"
    r"growth|occupancy|load|utili[sz]ation|density|moisture|humidity|score|rank|age|year|level|altitude|depth|"
    r"height|width|length|diameter|concentration|probability|percent(age)?|efficiency|loss rate)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Column:
    """A numeric column: its header, what it says of name and unit, and a cell a row (`None` if missing)."""

    header: str
    name: str
    unit: str
    cells: tuple[Fraction | None, ...]
    additive: bool
    """Whether the cells are amounts, so that their sum means something (tonnes do, prices do not)."""

    @property
    def complete(self) -> bool:
        """Whether no cell is missing."""
        return None not in self.cells


@dataclass(frozen=True)
class Table:
    """A table with one column of row names and at least one numeric column; total rows are left out."""

    row_header: str
    rows: tuple[str, ...]
    columns: tuple[Column, ...]

    def column(self, header: str) -> Column:
        """The column under `header`; KeyError if there is none."""
        for column in self.columns:
            if column.header == header:
                return column
        raise KeyError(header)

    def cell(self, row: str, header: str) -> Fraction:
        """The number in one cell; KeyError if there is no such row or column, or the cell is empty."""
        value = self.column(header).cells[self.rows.index(row)] if row in self.rows else None
        if value is None:
            raise KeyError((row, header))
        return value


def read_tables(text: str) -> tuple[Table, ...]:
    """All usable tables of a Markdown text: at least two named rows and one numeric column."""
    return tuple(table for grid in _grids(text) if (table := _table(grid)) is not None)


def _grids(text: str) -> Iterator[list[list[str]]]:
    """Header and body cells of each pipe table, the separator line left out."""
    lines = text.splitlines()
    for at in range(1, len(lines)):
        if "|" not in lines[at - 1] or not _SEPARATOR.match(lines[at]) or "|" not in lines[at]:
            continue
        grid = [_cells(lines[at - 1])]
        for line in lines[at + 1 :]:
            if "|" not in line:
                break
            grid.append(_cells(line))
        yield grid


def _cells(line: str) -> list[str]:
    return [cell.strip().strip("*_`").strip() for cell in line.strip().strip("|").split("|")]


def _table(grid: list[list[str]]) -> Table | None:
    """A table from its cells; None where rows are ragged or unnamed, or nothing is numeric."""
    header, *body = grid
    body = [row for row in body if not _TOTAL.match(row[0])]
    names = tuple(row[0] for row in body)
    if len(names) < 2 or len(set(names)) < len(names) or not all(names):
        return None
    if len(set(header)) < len(header) or any(len(row) != len(header) for row in body):
        return None
    columns = [_column(header[at], [row[at] for row in body]) for at in range(1, len(header))]
    numeric = tuple(column for column in columns if column is not None)
    return Table(header[0] or "row", names, numeric) if numeric else None


def _column(header: str, texts: list[str]) -> Column | None:
    """A column if at least two of its cells, and all that are not marked missing, are numbers."""
    cells = [number(text) for text in texts]
    if not header or any(cell is None and not _missing(text) for cell, text in zip(cells, texts, strict=True)):
        return None
    if sum(cell is not None for cell in cells) < 2:
        return None
    if not _UNIT.match(header) and (unit := _unit_of(texts)):
        header = f"{header} ({unit})"  # the solvers see plain numbers, so the header has to say it
    match = _UNIT.match(header)
    name, unit = (match["name"], match["unit"]) if match else (header, "")
    intensive = bool(_INTENSIVE.search(header)) or "%" in unit or "°" in unit or re.search(r"\bper\b|/", unit)
    return Column(header, name, unit, tuple(cells), additive=not intensive)


def _unit_of(texts: list[str]) -> str:
    """The percent or currency sign that every number of a column carries; empty if there is none, or several."""
    signs = {"".join(_SIGN.findall(text)) for text in texts if not _missing(text)}
    return signs.pop() if len(signs) == 1 else ""


def _missing(text: str) -> bool:
    return text.lower() in {"", "-", "\u2013", "\u2014", "n/a", "na", "none", "..", "\u2026", "?"}


def number(text: str) -> Fraction | None:
    """The exact number in a cell such as `12,400`, `€ 4.20` or `-8.5 %`; None if it is none."""
    plain = _DECORATION.sub("", text.replace("\u2212", "-"))
    return Fraction(plain.replace(",", "")) if _NUMERAL.match(plain) else None

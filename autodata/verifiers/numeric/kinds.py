"""The kinds of quantitative question: what each needs from a table, and how hard it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from autodata.verifiers.numeric import questions as q
from autodata.verifiers.numeric.questions import Draft, Plan
from autodata.verifiers.numeric.tables import Column, Table
from autodata.verifiers.numeric.wording import product_columns

Columns = tuple[str, ...]


@dataclass(frozen=True)
class Kind:
    """One kind of question."""

    name: str
    level: int
    """Steps of reasoning, from 1 to 4: TOO EASY goes up a level, FAILED ON STRONG comes down."""
    skills: tuple[str, ...]
    needs: str
    """What it asks for, in words, for the challenger's prompt."""
    columns: Callable[[Table], list[Columns]]
    """The choices of columns that make sense in a table."""
    rows: int
    """How many rows the question names."""
    percents: int
    write: Callable[[Table, Plan], Draft]


# Which columns make sense.


def _amounts(table: Table) -> list[Columns]:
    return [(column.header,) for column in table.columns if _is_amount(column)]


def _positive(table: Table) -> list[Columns]:
    """Columns in which `so many percent more` means something."""
    return [
        (column.header,)
        for column in table.columns
        if "%" not in column.unit and "°" not in column.unit and all(v is not None and v > 0 for v in column.cells)
    ]


def _two_amounts(table: Table) -> list[Columns]:
    found = [column for column in table.columns if _is_amount(column)]
    return [
        (x.header, y.header) for x in found for y in found if x is not y and all(cell != 0 for cell in y.cells)
    ]


def _amount_and_any(table: Table) -> list[Columns]:
    """An amount, and another column that picks rows by being above its mean, or the highest, without ties."""
    return [
        (x.header, y.header)
        for x in table.columns
        for y in table.columns
        if x is not y and _is_amount(x) and y.complete and _separates(y)
    ]


def _is_amount(column: Column) -> bool:
    return column.additive and column.complete and all(cell is not None and cell >= 0 for cell in column.cells)


def _separates(column: Column) -> bool:
    cells = [cell for cell in column.cells if cell is not None]
    mean = sum(cells, Fraction(0)) / len(cells)
    return mean not in cells and cells.count(max(cells)) == 1


def _kind(
    name: str,
    level: int,
    needs: str,
    columns: Callable[[Table], list[Columns]],
    write: Callable[[Table, Plan], Draft],
    rows: int = 0,
    percents: int = 0,
) -> Kind:
    skills = ("table_lookup", "multi_step_arithmetic" if level > 1 else "arithmetic")
    return Kind(name, level, skills, needs, columns, rows, percents, write)


KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            _kind("share", 1, "one row's percentage of a column's total", _amounts, q.share, rows=1),
            _kind(
                "percent_difference",
                1,
                "how many percent one row differs from another",
                _positive,
                q.percent_difference,
                rows=2,
            ),
            _kind("mean_gap", 2, "how far one row is above the column's mean", _amounts, q.mean_gap, rows=1),
            _kind("pair_share", 2, "two rows' percentage of a column's total", _amounts, q.pair_share, rows=2),
            _kind(
                "ratio_of_totals",
                2,
                "one column's total divided by another's",
                _two_amounts,
                q.ratio_of_totals,
            ),
            _kind(
                "per_unit_gap",
                2,
                "two rows compared in one column divided by another",
                _two_amounts,
                q.per_unit_gap,
                rows=2,
            ),
            _kind(
                "product_total",
                3,
                "base times rate, added up over all rows",
                product_columns,
                q.product_total,
            ),
            _kind(
                "product_sum",
                3,
                "base times rate, added up over two rows",
                product_columns,
                q.product_sum,
                rows=2,
            ),
            _kind(
                "scenario_total",
                3,
                "a column's total after two rows change",
                _amounts,
                q.scenario_total,
                rows=2,
                percents=2,
            ),
            _kind(
                "conditional_sum",
                3,
                "a column added up over the rows above another's mean",
                _amount_and_any,
                q.conditional_sum,
            ),
            _kind("spread", 3, "a column's range in percent of its mean", _amounts, q.spread),
            _kind(
                "weighted_mean",
                3,
                "the mean of a rate weighted by its base",
                product_columns,
                q.weighted_mean,
            ),
            _kind(
                "top_share",
                4,
                "the share in a total of the row highest in another column",
                _amount_and_any,
                q.top_share,
            ),
            _kind(
                "scenario_share",
                4,
                "one row's share of a total after the row changes",
                _amounts,
                q.scenario_share,
                rows=1,
                percents=1,
            ),
            _kind(
                "product_share",
                4,
                "one row's share of the sum of base times rate",
                product_columns,
                q.product_share,
                rows=1,
            ),
            _kind(
                "top_product",
                4,
                "how far the largest base times rate is above the mean",
                product_columns,
                q.top_product,
            ),
            _kind(
                "product_scenario",
                4,
                "how the sum of base times rate changes when two rates do",
                product_columns,
                q.product_scenario,
                rows=2,
                percents=2,
            ),
        )
    }
)

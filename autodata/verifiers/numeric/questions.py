"""The questions themselves: how each kind is worded, and the program that computes its reference."""

from typing import NamedTuple

from autodata.verifiers.numeric.tables import Table
from autodata.verifiers.numeric.wording import all_rows, literal, others, plural, quote


class Plan(NamedTuple):
    """A question before it is worded: its kind, the columns and rows that it is about, percentages to assume."""

    kind: str
    columns: tuple[str, ...]
    rows: tuple[str, ...] = ()
    percents: tuple[int, ...] = ()


class Draft(NamedTuple):
    """A worded question, and the program whose `answer` is its reference."""

    question: str
    program: str


def share(table: Table, plan: Plan) -> Draft:
    """One row's percentage of a column's total."""
    (x,), (a,) = plan.columns, plan.rows
    return Draft(
        f"What percentage of the total {quote(x)} of {all_rows(table)} comes from {a}?",
        f"x = {literal(table, x)}\nanswer = x[{a!r}] / sum(x.values()) * 100",
    )


def percent_difference(table: Table, plan: Plan) -> Draft:
    """How many percent one row is above another."""
    (x,), (a, b) = plan.columns, plan.rows
    return Draft(
        f"By what percentage does the {quote(x)} of {a} differ from that of {b}? "
        "Give a negative number if it is lower.",
        f"x = {literal(table, x)}\nanswer = (x[{a!r}] - x[{b!r}]) / x[{b!r}] * 100",
    )


def mean_gap(table: Table, plan: Plan) -> Draft:
    """How far one row is above the column's mean."""
    (x,), (a,) = plan.columns, plan.rows
    return Draft(
        f"How far above the mean {quote(x)} of {all_rows(table)} is the {quote(x)} of {a}? "
        "Give a negative number if it is below.",
        f"x = {literal(table, x)}\nanswer = x[{a!r}] - sum(x.values()) / len(x)",
    )


def pair_share(table: Table, plan: Plan) -> Draft:
    """Two rows' percentage of a column's total."""
    (x,), (a, b) = plan.columns, plan.rows
    return Draft(
        f"What percentage of the total {quote(x)} of {all_rows(table)} comes from {a} and {b} together?",
        f"x = {literal(table, x)}\nanswer = (x[{a!r}] + x[{b!r}]) / sum(x.values()) * 100",
    )


def ratio_of_totals(table: Table, plan: Plan) -> Draft:
    """One column's total over another's."""
    x, y = plan.columns
    return Draft(
        f"What is the total {quote(x)} of {all_rows(table)} divided by their total {quote(y)}?",
        f"x = {literal(table, x)}\ny = {literal(table, y)}\nanswer = sum(x.values()) / sum(y.values())",
    )


def per_unit_gap(table: Table, plan: Plan) -> Draft:
    """The difference between two rows in one column per another."""
    (x, y), (a, b) = plan.columns, plan.rows
    return Draft(
        f"Divide {quote(x)} by {quote(y)} for {a} and for {b}. By how much is the result for {a} greater "
        f"than that for {b}? Give a negative number if it is smaller.",
        f"x = {literal(table, x)}\ny = {literal(table, y)}\nanswer = x[{a!r}] / y[{a!r}] - x[{b!r}] / y[{b!r}]",
    )


def spread(table: Table, plan: Plan) -> Draft:
    """The range of a column in percent of its mean."""
    (x,) = plan.columns
    return Draft(
        f"Express the difference between the largest and the smallest {quote(x)} as a percentage of the mean "
        f"{quote(x)} of {all_rows(table)}.",
        f"x = {literal(table, x)}\n"
        "answer = (max(x.values()) - min(x.values())) / (sum(x.values()) / len(x)) * 100",
    )


def conditional_sum(table: Table, plan: Plan) -> Draft:
    """The sum of a column over the rows above the mean of another."""
    x, y = plan.columns
    return Draft(
        f"What is the combined {quote(x)} of those {plural(table.row_header)} whose {quote(y)} is above the "
        f"mean {quote(y)} of {all_rows(table)}?",
        f"x = {literal(table, x)}\ny = {literal(table, y)}\nmean = sum(y.values()) / len(y)\n"
        "answer = sum(x[row] for row in x if y[row] > mean)",
    )


def top_share(table: Table, plan: Plan) -> Draft:
    """The share, in a column's total, of the row that is highest in another."""
    x, y = plan.columns
    return Draft(
        f"What percentage of the total {quote(x)} of {all_rows(table)} comes from the one with the highest "
        f"{quote(y)}?",
        f"x = {literal(table, x)}\ny = {literal(table, y)}\ntop = max(y, key=lambda row: y[row])\n"
        "answer = x[top] / sum(x.values()) * 100",
    )


def scenario_total(table: Table, plan: Plan) -> Draft:
    """A column's total after two rows have changed by percentages."""
    (x,), (a, b), (up, down) = plan.columns, plan.rows, plan.percents
    return Draft(
        f"Suppose the {quote(x)} of {a} rises by {up} % and that of {b} falls by {down} %{others(table, 2)}. "
        f"What is then the total {quote(x)} of {all_rows(table)}?",
        f"x = {literal(table, x)}\nx[{a!r}] = x[{a!r}] * (100 + {up}) / 100\n"
        f"x[{b!r}] = x[{b!r}] * (100 - {down}) / 100\nanswer = sum(x.values())",
    )


def scenario_share(table: Table, plan: Plan) -> Draft:
    """One row's share of a column's total after the row has changed."""
    (x,), (a,), (up,) = plan.columns, plan.rows, plan.percents
    return Draft(
        f"Suppose the {quote(x)} of {a} rises by {up} %{others(table, 1)}. What percentage of the new total "
        f"{quote(x)} of {all_rows(table)} is then that of {a}?",
        f"x = {literal(table, x)}\nx[{a!r}] = x[{a!r}] * (100 + {up}) / 100\n"
        f"answer = x[{a!r}] / sum(x.values()) * 100",
    )


def _products(table: Table, plan: Plan) -> tuple[str, str]:
    """The wording and the program of the products of a base and a rate column, row by row."""
    x, y = plan.columns
    program = f"x = {literal(table, x)}\ny = {literal(table, y)}\np = {{row: x[row] * y[row] for row in x}}\n"
    return f"{quote(x)} times {quote(y)}", program


def _product_unit(table: Table, plan: Plan) -> str:
    return table.column(plan.columns[1]).unit.partition(" per ")[0]


def product_sum(table: Table, plan: Plan) -> Draft:
    """Base times rate, over two rows."""
    worded, program = _products(table, plan)
    a, b = plan.rows
    return Draft(
        f"What is {worded}, in {_product_unit(table, plan)}, added up over {a} and {b}?",
        f"{program}answer = p[{a!r}] + p[{b!r}]",
    )


def product_total(table: Table, plan: Plan) -> Draft:
    """Base times rate, over all rows."""
    worded, program = _products(table, plan)
    return Draft(
        f"What is {worded}, in {_product_unit(table, plan)}, added up over {all_rows(table)}?",
        f"{program}answer = sum(p.values())",
    )


def weighted_mean(table: Table, plan: Plan) -> Draft:
    """The mean of a rate, weighted by its base."""
    x, y = plan.columns
    _, program = _products(table, plan)
    return Draft(
        f"What is the mean {quote(y)} of {all_rows(table)}, weighted by {quote(x)}?",
        f"{program}answer = sum(p.values()) / sum(x.values())",
    )


def product_share(table: Table, plan: Plan) -> Draft:
    """One row's share of the sum of base times rate."""
    worded, program = _products(table, plan)
    (a,) = plan.rows
    return Draft(
        f"Take {worded} for each of {all_rows(table)}. What percentage of the sum comes from {a}?",
        f"{program}answer = p[{a!r}] / sum(p.values()) * 100",
    )


def top_product(table: Table, plan: Plan) -> Draft:
    """How far the largest base times rate is above the mean."""
    worded, program = _products(table, plan)
    return Draft(
        f"Take {worded} for each of {all_rows(table)}. By how many {_product_unit(table, plan)} does the "
        "largest of these values exceed their mean?",
        f"{program}answer = max(p.values()) - sum(p.values()) / len(p)",
    )


def product_scenario(table: Table, plan: Plan) -> Draft:
    """The change in the sum of base times rate after two rates have changed."""
    worded, program = _products(table, plan)
    (a, b), (up, down) = plan.rows, plan.percents
    return Draft(
        f"Take {worded} for each of {all_rows(table)}. Suppose the {quote(plan.columns[1])} of {a} rises by "
        f"{up} % and that of {b} falls by {down} %, all else unchanged. By how many "
        f"{_product_unit(table, plan)} does the sum over {all_rows(table)} change? "
        "Give a negative number if it falls.",
        f"{program}answer = (p[{a!r}] * {up} - p[{b!r}] * {down}) / 100",
    )

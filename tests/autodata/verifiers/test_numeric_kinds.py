"""Every kind of question: its program computes what its wording asks for, over every table of the examples."""

import random
from collections.abc import Callable, Iterator
from fractions import Fraction as F
from typing import Any

import pytest

from autodata.schemas import Document, Failure
from autodata.verifiers.base import PastRound
from autodata.verifiers.numeric.kinds import KINDS
from autodata.verifiers.numeric.plans import level_for, offered, plan_schema, read_plan
from autodata.verifiers.numeric.questions import Plan
from autodata.verifiers.numeric.tables import Table, read_tables
from autodata.verifiers.sandbox import Sandbox
from tests.conftest import EXAMPLES

TABLES = [table for path in sorted(EXAMPLES.glob("*.md")) for table in read_tables(path.read_text("utf-8"))]


def mean(values: list[F]) -> F:
    return sum(values, F(0)) / len(values)


class By:
    """A plan's columns as exact numbers, for references written a second time, independent of the programs."""

    def __init__(self, table: Table, plan: Plan) -> None:
        self.columns = [
            dict(zip(table.rows, (F(c or 0) for c in table.column(header).cells), strict=True))
            for header in plan.columns
        ]
        self.x = self.columns[0]
        self.y = self.columns[-1]
        self.total = sum(self.x.values(), F(0))
        self.rows = plan.rows
        self.percents = [F(percent, 100) for percent in plan.percents]
        self.p = {row: self.x[row] * self.y[row] for row in self.x}
        self.p_total = sum(self.p.values(), F(0))

    def changed_total(self) -> F:
        a, b = self.rows
        up, down = self.percents
        return self.total + self.x[a] * up - self.x[b] * down


EXPECTED: dict[str, Callable[[By], F]] = {
    "share": lambda t: t.x[t.rows[0]] / t.total * 100,
    "percent_difference": lambda t: (t.x[t.rows[0]] / t.x[t.rows[1]] - 1) * 100,
    "mean_gap": lambda t: t.x[t.rows[0]] - mean(list(t.x.values())),
    "pair_share": lambda t: (t.x[t.rows[0]] + t.x[t.rows[1]]) / t.total * 100,
    "ratio_of_totals": lambda t: t.total / sum(t.y.values(), F(0)),
    "per_unit_gap": lambda t: t.x[t.rows[0]] / t.y[t.rows[0]] - t.x[t.rows[1]] / t.y[t.rows[1]],
    "product_total": lambda t: t.p_total,
    "product_sum": lambda t: t.p[t.rows[0]] + t.p[t.rows[1]],
    "scenario_total": By.changed_total,
    "conditional_sum": lambda t: sum((t.x[r] for r in t.x if t.y[r] > mean(list(t.y.values()))), F(0)),
    "spread": lambda t: (max(t.x.values()) - min(t.x.values())) / mean(list(t.x.values())) * 100,
    "weighted_mean": lambda t: t.p_total / t.total,
    "top_share": lambda t: t.x[max(t.y, key=lambda row: t.y[row])] / t.total * 100,
    "scenario_share": lambda t: (
        t.x[t.rows[0]] * (1 + t.percents[0]) / (t.total + t.x[t.rows[0]] * t.percents[0]) * 100
    ),
    "product_share": lambda t: t.p[t.rows[0]] / t.p_total * 100,
    "top_product": lambda t: max(t.p.values()) - t.p_total / len(t.p),
    "product_scenario": lambda t: t.p[t.rows[0]] * t.percents[0] - t.p[t.rows[1]] * t.percents[1],
}


def some_answers(table: Table, kind: str, count: int) -> Iterator[dict[str, Any]]:
    """Answers that the schema of a kind allows, drawn at random."""
    (alternative,) = plan_schema(table, [KINDS[kind]], seed=1)["anyOf"]
    draw = random.Random(f"{table.row_header} {kind}")
    for _ in range(count):
        yield {
            slot: prop["const"] if "const" in prop else draw.choice(prop["enum"])
            for slot, prop in alternative["properties"].items()
        }


@pytest.mark.parametrize("kind", KINDS)
async def test_the_program_computes_what_the_question_asks(kind: str) -> None:
    sandbox = Sandbox()
    checked = 0
    for table in TABLES:
        if not KINDS[kind].columns(table):
            continue
        for answer in some_answers(table, kind, 4):
            plan = read_plan(table, answer)
            draft = KINDS[kind].write(table, plan)
            value, error = await sandbox.run(draft.program)
            assert error is None, (error, draft.program)
            assert value == pytest.approx(float(EXPECTED[kind](By(table, plan))), rel=1e-9), draft.question
            assert all(f'"{header}"' in draft.question for header in plan.columns)
            assert all(row in draft.question for row in plan.rows)
            checked += 1
    await sandbox.close()
    assert checked >= 40


def test_the_examples_are_read_whole() -> None:
    assert len(TABLES) == len(list(EXAMPLES.glob("*.md"))) == 24
    assert all(offered(table, []) for table in TABLES)


def past(*failures: Failure) -> list[PastRound]:
    return [PastRound("none", failure) for failure in failures]


def test_failures_move_the_level_by_halves_within_its_bounds() -> None:
    easy, hard, quality = Failure.TOO_EASY, Failure.FAILED_ON_STRONG, Failure.FAILED_QV
    assert [level_for(past(*failures)) for failures in ((), (easy,), (easy, easy), (hard,), (quality,))] == [
        2, 2.5, 3, 1.5, 2,
    ]  # fmt: skip
    assert level_for(past(*[easy] * 30)) == 4
    assert level_for(past(*[hard] * 30)) == 1


def test_a_kind_that_was_tried_is_not_offered_again_while_others_are_left() -> None:
    table = TABLES[0]
    tried: list[PastRound] = []
    for _ in range(len(KINDS)):
        kinds = offered(table, tried)
        assert {kind.name for kind in kinds}.isdisjoint(entry.question_type for entry in tried)
        tried.append(PastRound(kinds[0].name, Failure.FAILED_QV))
    assert {entry.question_type for entry in tried} == set(KINDS)
    assert offered(table, tried)


def test_the_document_gives_a_context_of_plain_numbers() -> None:
    table = read_tables(
        "| Shop | Sold (kg) | Price (EUR) |\n|---|---:|---|\n| A | 1,200 | € 4.20 |\n| B | 30 | 5.00 € |\n"
        "| Total | 1,230 | – |\n"  # noqa: RUF001
    )[0]
    assert table.rows == ("A", "B")
    assert table.cell("A", "Sold (kg)") == 1200
    assert table.cell("A", "Price (EUR)") == F("4.2")


def test_a_document_without_a_table_offers_nothing() -> None:
    assert read_tables("# Title\n\nNo table here | not even this.\n") == ()
    assert read_tables("| a | b |\n|---|---|\n| x | y |\n| z | w |\n") == ()
    assert Document.of("t", "x").text == "x"


def test_a_unit_that_only_the_cells_show_goes_into_the_header() -> None:
    table = read_tables(
        "| Ward | Occupancy | Fee | Mixed |\n|---|---|---|---|\n"
        "| A | 80 % | €4 | 1 % |\n| B | - | €5 | 2 |\n| C | 70 % | €6 | 3 % |\n"
    )[0]
    assert [column.header for column in table.columns] == ["Occupancy (%)", "Fee (€)", "Mixed"]
    assert [column.unit for column in table.columns] == ["%", "€", ""]

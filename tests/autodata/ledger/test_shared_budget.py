"""A budget in PostgreSQL holds for all processes together."""

import asyncio
import os
import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, text

from autodata.errors import BudgetSpentError
from autodata.ledger.budget import Caps, Spend
from autodata.ledger.ledger import Ledger
from autodata.ledger.shared_budget import SharedBudget

URL = os.environ.get("TEST_DATABASE_URL", "postgresql+psycopg://127.0.0.1:5432/test")
CALL = Spend(1, 100, 0.01)


@pytest.fixture
def engine() -> Iterator[Engine]:
    """A schema of its own in the test database; skipped where no PostgreSQL answers."""
    schema = f"budget_{uuid.uuid4().hex[:12]}"
    try:
        with create_engine(URL, isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(text(f"CREATE SCHEMA {schema}"))
    except Exception as problem:
        pytest.skip(f"no PostgreSQL at {URL}: {type(problem).__name__}")
    Ledger.open(f"{URL}?options=-csearch_path%3D{schema}").close()
    made = create_engine(f"{URL}?options=-csearch_path%3D{schema}")
    yield made
    made.dispose()
    with create_engine(URL, isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))


async def test_several_processes_never_pass_a_cap_together(engine: Engine) -> None:
    budgets = [SharedBudget(engine, 1, Caps(calls=40, tokens=None, cost=None), 60) for _ in range(3)]
    flying = most = made = asked = 0

    async def ask(budget: SharedBudget) -> None:
        nonlocal flying, most, made, asked
        while True:
            await budget.reserve(CALL)
            flying += 1
            asked += 1
            answered = asked % 5 != 0  # one in five gets no answer, and costs nothing
            most = max(most, made + flying)
            await asyncio.sleep(0.002)
            flying -= 1
            made += answered
            budget.settle(CALL, CALL if answered else Spend())

    done = await asyncio.gather(*(ask(budget) for budget in budgets for _ in range(4)), return_exceptions=True)
    assert {type(problem) for problem in done} == {BudgetSpentError}
    assert made == 40 == most, "all of it is used, and never more"


async def test_tokens_and_cost_are_caps_too(engine: Engine) -> None:
    for number, caps in enumerate((Caps(tokens=250), Caps(cost=0.025)), 1):
        budget = SharedBudget(engine, number, caps, 60)
        await budget.reserve(CALL)
        await budget.reserve(CALL)
        budget.settle(CALL, CALL)
        budget.settle(CALL, CALL)
        await budget.written()
        with pytest.raises(BudgetSpentError, match="larger cap"):
            await budget.reserve(CALL)


async def test_what_a_dead_process_reserved_is_free_again_when_no_call_can_last_longer(engine: Engine) -> None:
    dead = SharedBudget(engine, 1, Caps(calls=1), longest_call_s=0.2)
    await dead.reserve(CALL)
    alive = SharedBudget(engine, 1, Caps(calls=1), longest_call_s=0.2)
    await asyncio.wait_for(alive.reserve(CALL), timeout=10)

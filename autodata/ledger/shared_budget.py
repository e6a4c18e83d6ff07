"""One budget for all the processes that work on a run: a row in the ledger's PostgreSQL database."""

import asyncio
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Float,
    Integer,
    MetaData,
    Table,
    cast,
    event,
    extract,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from autodata.errors import BudgetSpentError
from autodata.ledger.budget import Budget, Caps, Spend
from autodata.ledger.summary import spent

POLL_S = 0.25
"""How often a call that must wait for others to settle asks again."""

# No part of the ledger, and so of its versions: it follows from the ledger's calls.
metadata = MetaData()
budgets = Table(
    "budgets",
    metadata,
    Column("run", Integer, primary_key=True),
    Column("calls", Integer, nullable=False),  # spent and reserved, by all processes
    Column("tokens", BigInteger, nullable=False),
    Column("cost", Float, nullable=False),
    Column("in_flight", Integer, nullable=False),  # calls of these that are only reserved
    Column("at", Float, nullable=False),  # when a process last changed it, by the database's clock
)
_NOW = cast(extract("epoch", func.clock_timestamp()), Float)


class SharedBudget(Budget):
    """A budget that holds across processes: the row is locked while a reservation is weighed."""

    def __init__(self, engine: Engine, run: int, caps: Caps, longest_call_s: float) -> None:
        super().__init__(caps)
        self._engine = engine
        self._mine = budgets.c.run == run
        self._run = run
        self._stale_s = 2 * longest_call_s
        self._settling: set[asyncio.Task[None]] = set()
        event.listen(engine, "connect", _swift)
        with engine.begin() as connection:
            metadata.create_all(connection)
            self.spent = spent(connection, run)
            row = {"run": run, **self.spent._asdict(), "in_flight": 0, "at": _NOW}
            connection.execute(insert(budgets).values(**row).on_conflict_do_nothing())

    async def reserve(self, most: Spend, document: str = "") -> None:
        """Set aside what a call may cost at most; waits while calls of any process hold reservations."""
        while not await asyncio.to_thread(self._taken, most):
            await asyncio.sleep(POLL_S)
        self.reserved = self.reserved.plus(most)

    def settle(self, most: Spend, actual: Spend, document: str = "") -> None:
        """Replace a reservation by what the call really cost."""
        super().settle(most, actual, document)
        task = asyncio.get_running_loop().create_task(asyncio.to_thread(self._given_back, most, actual))
        self._settling.add(task)
        task.add_done_callback(self._settling.discard)

    async def written(self) -> None:
        """Wait until all that is settled is in the row."""
        await asyncio.gather(*self._settling)

    def _taken(self, most: Spend) -> bool:
        """Reserve; False if the call must wait for others in flight; BudgetSpentError if there are none."""
        with self._engine.begin() as connection:
            query = select(budgets, (_NOW - budgets.c.at).label("silent_s")).where(self._mine).with_for_update()
            row = connection.execute(query).one()
            held = Spend(row.calls, row.tokens, row.cost)
            cap = self.caps.passed_by(held.plus(most))
            if cap is None:
                self._write(connection, held.plus(most), row.in_flight + 1)
            elif row.in_flight == 0:
                raise BudgetSpentError(
                    f"{cap} is reached after {row.calls} calls and {row.cost:.4f} USD of all workers; "
                    "start again with a larger cap to go on"
                )
            elif row.silent_s > self._stale_s:
                # Whoever holds the rest is dead: no call takes this long. The ledger says what was really spent.
                self._write(connection, spent(connection, self._run), 0)
            return cap is None

    def _given_back(self, most: Spend, actual: Spend) -> None:
        with self._engine.begin() as connection:
            row = connection.execute(select(budgets).where(self._mine).with_for_update()).one()
            held = Spend(row.calls, row.tokens, row.cost)
            self._write(connection, held.minus(most).plus(actual), max(row.in_flight - 1, 0))

    def _write(self, connection: Connection, held: Spend, in_flight: int) -> None:
        values = {**held._asdict(), "in_flight": in_flight, "at": _NOW}
        connection.execute(update(budgets).where(self._mine).values(**values))


def _swift(connection: Any, _record: Any) -> None:
    """Commit without waiting for the disk: what a crash of the database loses, the ledger still says."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")
    connection.commit()

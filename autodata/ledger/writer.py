"""The one thread that talks to the database: writes are grouped, and a waiter goes on after the commit."""

import asyncio
import queue
import threading
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Table
from sqlalchemy.dialects import postgresql, sqlite

from autodata.errors import LedgerError
from autodata.ledger.tables import metadata

T = TypeVar("T")
Row = Mapping[str, Any]


class _Write:
    """Rows for one table; rows whose primary key is already there are left as they are."""

    __slots__ = ("row", "table")

    def __init__(self, table: Table, row: Row) -> None:
        self.table, self.row = table, row


class _Task:
    """Work on the connection, in order after all writes put before it; `None` waits for the commit only."""

    __slots__ = ("future", "loop", "work")

    def __init__(self, work: Callable[[Connection], Any] | None) -> None:
        self.work = work
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[Any] = self.loop.create_future()

    def resolve(self, result: Any, error: BaseException | None) -> None:
        if self.future.cancelled():
            return
        if error is not None:
            self.future.set_exception(error)
        else:
            self.future.set_result(result)


class Writer:
    """Groups whatever was put since the last commit into one transaction, again and again."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._queue: queue.SimpleQueue[_Write | _Task | None] = queue.SimpleQueue()
        dialect = postgresql if engine.dialect.name == "postgresql" else sqlite
        self._insert = {
            table.name: dialect.insert(table).on_conflict_do_nothing() for table in metadata.sorted_tables
        }
        self._failed: LedgerError | None = None
        self._thread = threading.Thread(target=self._run, name="ledger", daemon=True)
        self._thread.start()

    def put(self, table: Table, row: Row) -> None:
        """Write a row with the next group; nothing is waited for."""
        self._queue.put(_Write(table, row))

    async def settled(self) -> None:
        """Wait until everything put so far is committed."""
        await self.work(None)

    async def work(self, work: Callable[[Connection], T] | None) -> T:
        """Run `work` on the database thread, after and in one transaction with what was put before it.

        Raises:
            LedgerError: if the ledger could not be written or read, with what the database said.
        """
        if self._failed is not None:
            raise self._failed
        task = _Task(work)
        self._queue.put(task)
        result: T = await task.future
        return result

    def close(self) -> None:
        """Write what is left and end the thread."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        """Take all that is waiting, write it as one group, wake the waiters; until None comes."""
        going = True
        with self._engine.connect() as connection:
            while going:
                group = [self._queue.get()]
                while not self._queue.empty():
                    group.append(self._queue.get())
                going = None not in group
                self._commit(connection, [entry for entry in group if entry is not None])

    def _commit(self, connection: Connection, group: list[_Write | _Task]) -> None:
        tasks = [entry for entry in group if isinstance(entry, _Task)]
        results: list[Any] = [None] * len(tasks)
        error: LedgerError | None = self._failed
        if error is None:
            try:
                with connection.begin():
                    self._write(connection, [entry for entry in group if isinstance(entry, _Write)])
                    results = [task.work(connection) if task.work else None for task in tasks]
            except Exception as problem:
                # Nothing of this group is used: every waiter gets the error, and the run stops resumable.
                error = self._failed = LedgerError(f"the ledger cannot be written or read: {_first_line(problem)}")
        for loop in {task.loop for task in tasks}:
            mine = [(task, result) for task, result in zip(tasks, results, strict=True) if task.loop is loop]
            loop.call_soon_threadsafe(_resolve, mine, error)

    def _write(self, connection: Connection, writes: list[_Write]) -> None:
        rows: dict[str, list[Row]] = {}
        for write in writes:
            rows.setdefault(write.table.name, []).append(write.row)
        for name, batch in rows.items():
            connection.execute(self._insert[name], batch)


def _resolve(waiters: list[tuple[_Task, Any]], error: BaseException | None) -> None:
    for task, result in waiters:
        task.resolve(result, error)


def _first_line(problem: Exception) -> str:
    return str(getattr(problem, "orig", None) or problem).splitlines()[0]

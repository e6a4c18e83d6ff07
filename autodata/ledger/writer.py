"""The one thread that talks to the database: writes are grouped, and a waiter goes on after the commit."""

import asyncio
import queue
import threading
from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from autodata.errors import LedgerError
from autodata.ledger.tables import metadata
from autodata.ledger.trouble import ledger_error

T = TypeVar("T")
Row = Mapping[str, Any]

_SHARED: Mapping[str, str] = {"texts": "hash", "calls": "key", "items": "hash", "unreadable": "call"}
"""Tables whose rows belong to no run, and their keys."""


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

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._queue: queue.SimpleQueue[_Write | _Task | None] = queue.SimpleQueue()
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
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
        while going:
            group = [self._queue.get()]
            while not self._queue.empty():
                group.append(self._queue.get())
            going = None not in group
            self._commit([entry for entry in group if entry is not None])

    def _commit(self, group: list[_Write | _Task]) -> None:
        tasks = [entry for entry in group if isinstance(entry, _Task)]
        results: list[Any] = [None] * len(tasks)
        error: LedgerError | None = self._failed
        if error is None:
            try:
                with self._connection.begin():
                    self._write([entry for entry in group if isinstance(entry, _Write)])
                    results = [task.work(self._connection) if task.work else None for task in tasks]
            except Exception as problem:
                # Nothing of this group is used: every waiter gets the error, and the run stops resumable.
                error = self._failed = _named(problem)
        for loop in {task.loop for task in tasks}:
            mine = [(task, result) for task, result in zip(tasks, results, strict=True) if task.loop is loop]
            loop.call_soon_threadsafe(_resolve, mine, error)

    def _write(self, writes: list[_Write]) -> None:
        rows: dict[str, list[Row]] = {}
        for write in writes:
            rows.setdefault(write.table.name, []).append(write.row)
        # Runs that share a database share texts and calls: all write them in one order, so that none waits for
        # another that waits for it.
        for name in sorted(rows):
            batch = rows[name]
            if name in _SHARED:
                batch.sort(key=itemgetter(_SHARED[name]))
            self._connection.execute(self._insert[name], batch)


def _named(problem: Exception) -> LedgerError:
    return (
        problem
        if isinstance(problem, LedgerError)
        else ledger_error("the ledger cannot be written or read", problem)
    )


def _resolve(waiters: list[tuple[_Task, Any]], error: BaseException | None) -> None:
    for task, result in waiters:
        task.resolve(result, error)

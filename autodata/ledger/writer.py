"""The one thread that talks to the database: writes are grouped, and a waiter goes on after the commit."""

import asyncio
import queue
import threading
from collections import deque
from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from autodata.errors import LedgerError
from autodata.ledger.records import pack
from autodata.ledger.tables import metadata, texts
from autodata.ledger.trouble import ledger_error

T = TypeVar("T")
Row = Mapping[str, Any]

_SHARED: Mapping[str, str] = {"texts": "hash", "calls": "key", "items": "hash", "unreadable": "call"}
"""Tables whose rows belong to no run, and their keys."""


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
        self._rows: deque[tuple[str, Row]] = deque()
        self._tasks: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        self._insert = {
            table.name: dialect.insert(table).on_conflict_do_nothing() for table in metadata.sorted_tables
        }
        self._failed: LedgerError | None = None
        self._thread = threading.Thread(target=self._run, name="ledger", daemon=True)
        self._thread.start()

    def put(self, table: Table, row: Row) -> None:
        """Write a row with the next group, unless its key is there already; nobody is woken or waited for."""
        self._rows.append((table.name, row))

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
        self._tasks.put(task)
        result: T = await task.future
        return result

    def close(self) -> None:
        """Write what is left and end the thread."""
        self._tasks.put(None)
        self._thread.join()

    def _run(self) -> None:
        """Take all that is waiting, write it as one group, wake the waiters; until None comes."""
        going = True
        while going:
            group = [self._tasks.get()]
            while not self._tasks.empty():
                group.append(self._tasks.get())
            going = None not in group
            # Taken after the tasks: whatever was put before one of them is in its group.
            rows = [self._rows.popleft() for _ in range(len(self._rows))]
            self._commit(rows, [task for task in group if task is not None])

    def _commit(self, rows: list[tuple[str, Row]], tasks: list[_Task]) -> None:
        results: list[Any] = [None] * len(tasks)
        error: LedgerError | None = self._failed
        if error is None:
            try:
                with self._connection.begin():
                    self._write(rows)
                    results = [task.work(self._connection) if task.work else None for task in tasks]
            except Exception as problem:
                # Nothing of this group is used: every waiter gets the error, and the run stops resumable.
                error = self._failed = _named(problem)
        for loop in {task.loop for task in tasks}:
            mine = [(task, result) for task, result in zip(tasks, results, strict=True) if task.loop is loop]
            loop.call_soon_threadsafe(_resolve, mine, error)

    def _write(self, rows: list[tuple[str, Row]]) -> None:
        batches: dict[str, list[Row]] = {}
        for name, row in rows:
            batches.setdefault(name, []).append(row)
        # Runs that share a database share texts and calls: all write them in one order, so that none waits for
        # another that waits for it.
        for name in sorted(batches):
            batch = batches[name]
            if name == texts.name:  # compressed here: the event loop goes on meanwhile
                batch = [{**row, "body": pack(row["body"])} for row in batch]
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

"""One writer a run: locks that name their holder and die with its process."""

import fcntl
import hashlib
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from sqlalchemy import Connection, text

from autodata.errors import RunConflictError
from autodata.ledger.trouble import ledger_error

LOCK = ".lock"


def me() -> str:
    """This process, as others are told of it."""
    return f"process {os.getpid()} on {socket.gethostname()} since {time.strftime('%F %T')}"


@contextmanager
def run_lock(directory: Path) -> Iterator[None]:
    """Hold a run directory; RunConflictError, with the holder's name, if another process does."""
    path = directory / LOCK
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            name = file.read().strip() or "another process"
            raise RunConflictError(f"{directory} is in use by {name}; wait for it or stop it") from None
        _name(file)
        yield
        file.truncate(0)


def _name(file: TextIO) -> None:
    """Write into the lock who holds it."""
    try:
        file.truncate(0)
        file.write(me())
        file.flush()
    except OSError as problem:
        raise ledger_error(f"{file.name} cannot be written", problem) from None


def holder(directory: Path) -> str | None:
    """Who holds a run directory now; None if nobody does."""
    path = directory / LOCK
    if not path.is_file():
        return None
    with path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return file.read().strip() or "another process"
    return None


# PostgreSQL shows an application's name to all, and cuts it at 63 bytes.
_CALLED = text("SELECT set_config('application_name', :name, false)")
_TRY = text("SELECT pg_try_advisory_lock(:key)")
_HOLDER = text(
    "SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
    "WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 "
    "AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
    "AND ((l.classid::bigint << 32) | l.objid::bigint) = :key"
)
# So that the lock of a machine that is gone, and could not say so, is free after a minute.
_ALIVE = ("SET tcp_keepalives_idle = 20", "SET tcp_keepalives_interval = 10", "SET tcp_keepalives_count = 4")


def hold_run(connection: Connection, name: str) -> None:
    """Hold a run of a PostgreSQL ledger for as long as the connection lives; a file has its directory's lock.

    Raises:
        RunConflictError: with the holder's name, if another connection holds it.
    """
    if connection.dialect.name != "postgresql":
        return
    with connection.begin():
        for setting in _ALIVE:
            connection.exec_driver_sql(setting)
        if not connection.scalar(_TRY, {"key": _key(name)}):
            raise RunConflictError(f"the run is in use by {_holder(connection, name)}; wait for it or stop it")
        connection.execute(_CALLED, {"name": me()})


def database_holder(connection: Connection, name: str) -> str | None:
    """Who holds a run of a PostgreSQL ledger now; None if nobody does."""
    return _holder(connection, name) if connection.scalar(_HOLDER, {"key": _key(name)}) is not None else None


def _holder(connection: Connection, name: str) -> str:
    return connection.scalar(_HOLDER, {"key": _key(name)}) or "another process"


def _key(name: str) -> int:
    """The 63-bit advisory lock of a run's name."""
    return int.from_bytes(hashlib.sha256(f"autodata run {name}".encode()).digest()[:8], "big") >> 1

"""Where a ledger is: a SQLite file or a PostgreSQL database, and how it is connected to and spoken of."""

import os
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool

from autodata.errors import UsageError

BUSY_MS = 1_500
"""How long SQLite waits for another process to let go of a file; then the run ends with that reason."""

_FORM = "postgresql://USER@HOST:PORT/DATABASE"


def sqlite_url(path: Path) -> str:
    """The URL of a ledger in a file."""
    return f"sqlite:///{path}"


def database_url(text: str) -> URL:
    """A PostgreSQL URL, checked; UsageError, without the text, which may hold a password, if it is none."""
    try:
        url = make_url(text)
    except ArgumentError:
        raise UsageError(f"the ledger's URL cannot be read; it has the form {_FORM}") from None
    if url.get_backend_name() not in ("postgresql", "postgres") or not url.database:
        raise UsageError(
            f"the ledger's URL ({shown(url)}) names no PostgreSQL database; it has the form {_FORM}. "
            "Leave `ledger` and DATABASE_URL out for a file in the run directory"
        )
    return url.set(drivername="postgresql+psycopg")


def shown(url: URL) -> str:
    """A URL as files and messages show it: without anything that could be a secret; a file as its path."""
    if url.get_backend_name() == "sqlite":
        return url.database or ""
    query = {key: value for key, value in url.query.items() if "pass" not in key.lower()}
    bare = URL.create(url.get_backend_name(), url.username, None, url.host, url.port, url.database, query)
    return bare.render_as_string(hide_password=False)


def masked(text: str) -> str:
    """A URL as `autodata config` shows it; one that cannot be read is not shown at all."""
    if not text:
        return ""
    try:
        return shown(make_url(text))
    except ArgumentError:
        return "(unreadable)"


def connect(url: str | URL) -> Engine:
    """An engine for a ledger that is written; a commit has reached the disk before it counts.

    Raises:
        UsageError: if the URL names PostgreSQL and its driver is not installed.
    """
    if make_url(url).get_backend_name() == "sqlite":
        engine = create_engine(url, poolclass=NullPool)
        event.listen(engine, "connect", _durable)
        event.listen(engine, "begin", _begin)
        return engine
    try:
        # No pool: a connection that is closed is gone, and so is the lock that it held.
        return create_engine(url, poolclass=NullPool, connect_args={"connect_timeout": 5})
    except ModuleNotFoundError:
        raise UsageError("a ledger in PostgreSQL needs its driver: pip install 'autodata[postgres]'") from None


def _durable(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions are begun by `_begin`, and so hold changes of tables too
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))


def reader(path: Path) -> Engine:
    """An engine that only reads a ledger's file, also while another process writes it."""
    wal = path.with_name(f"{path.name}-wal")
    # Beside a file that cannot be written SQLite cannot keep its index of the log; without a log it needs none.
    still = not os.access(path.parent, os.W_OK) and not wal.exists()
    return create_engine(f"sqlite:///file:{path}?mode=ro&uri=true{'&immutable=1' if still else ''}")

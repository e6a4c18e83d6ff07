"""Takes a ledger of an earlier schema to this one: ordered steps, all or none of them."""

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, select, update
from sqlalchemy.exc import SQLAlchemyError

from autodata.errors import LedgerError
from autodata.ledger import tables as t
from autodata.ledger.address import connect, sqlite_url
from autodata.ledger.trouble import ledger_error


def version_of(connection: Connection) -> int | None:
    """The schema version that a ledger was written by; None if it is empty."""
    if not inspect(connection).has_table(t.meta.name):
        return None
    found = connection.scalar(select(t.meta.c.value).where(t.meta.c.key == "schema"))
    return None if found is None else int(found)


def check_version(found: int, where: str) -> None:
    """LedgerError, with the command that mends it, if a ledger is not of this version."""
    if found < t.SCHEMA_VERSION:
        raise LedgerError(
            f"{where} was written by an earlier autodata (schema {found}, now {t.SCHEMA_VERSION}); "
            "upgrade it, which keeps all it holds: autodata upgrade RUN"
        )
    if found > t.SCHEMA_VERSION:
        raise LedgerError(
            f"{where} was written by a later autodata (schema {found}, this one reads {t.SCHEMA_VERSION}); "
            "update autodata"
        )


def _to_2(connection: Connection) -> None:
    """Facts about a run, advice, candidates, what was shown, novelty, near duplicates, tokens of thinking."""
    on_postgresql = connection.dialect.name == "postgresql"
    for statement in (*_TO_2, *(_TO_2_ON_POSTGRESQL if on_postgresql else ())):
        connection.exec_driver_sql(statement.replace("BLOB", "BYTEA") if on_postgresql else statement)


_TO_2 = (
    "CREATE TABLE facts "
    "(run INTEGER NOT NULL, name VARCHAR NOT NULL, value TEXT NOT NULL, PRIMARY KEY (run, name))",
    "CREATE TABLE advice (run INTEGER NOT NULL, item BLOB NOT NULL, verdict VARCHAR NOT NULL, "
    "suitability VARCHAR NOT NULL, body BLOB NOT NULL, PRIMARY KEY (run, item))",
    "CREATE TABLE candidates (run INTEGER NOT NULL, document VARCHAR NOT NULL, round SMALLINT NOT NULL, "
    "number SMALLINT NOT NULL, item BLOB, standing VARCHAR NOT NULL, reason TEXT NOT NULL, "
    "PRIMARY KEY (run, document, round, number))",
    "CREATE TABLE shadows (run INTEGER NOT NULL, document VARCHAR NOT NULL, round SMALLINT NOT NULL, "
    "policy VARCHAR NOT NULL, failure VARCHAR, PRIMARY KEY (run, document, round, policy))",
    "CREATE TABLE excerpts (run INTEGER NOT NULL, document VARCHAR NOT NULL, round SMALLINT NOT NULL, "
    "sections TEXT NOT NULL, PRIMARY KEY (run, document, round))",
    "CREATE TABLE novelty (run INTEGER NOT NULL, document VARCHAR NOT NULL, round SMALLINT NOT NULL, "
    "stage VARCHAR NOT NULL, reason TEXT NOT NULL, PRIMARY KEY (run, document, round, stage))",
    "ALTER TABLE sources ADD COLUMN documents INTEGER NOT NULL DEFAULT 1",
    "ALTER TABLE documents ADD COLUMN signature BLOB",
    "ALTER TABLE calls ADD COLUMN tokens_thinking INTEGER NOT NULL DEFAULT 0",
)
# Databases of many runs, and files of more than 2 GiB.
_TO_2_ON_POSTGRESQL = (
    "CREATE INDEX calls_by_run ON calls (run)",
    "ALTER TABLE sources ALTER COLUMN size TYPE BIGINT",
)


# Each step takes a ledger from the version before to the one it is listed under. A step is never changed once
# released: it says what was done to ledgers that exist, so it must not use what later versions change.
STEPS: Mapping[int, Callable[[Connection], None]] = {2: _to_2}


def upgrade(engine: Engine, where: str) -> tuple[int, int]:
    """Take a ledger to this version in one transaction; gives the versions before and after.

    Raises:
        LedgerError: if it holds nothing, is of a later version, or cannot be changed; it then is as it was.
    """
    try:
        with engine.connect().execution_options(begin="BEGIN IMMEDIATE") as connection, connection.begin():
            before = version_of(connection)
            if before is None:
                raise LedgerError(f"{where} holds no ledger; nothing was changed")
            if before > t.SCHEMA_VERSION:
                check_version(before, where)
            for version in range(before + 1, t.SCHEMA_VERSION + 1):
                STEPS[version](connection)
            value = str(t.SCHEMA_VERSION)
            connection.execute(update(t.meta).where(t.meta.c.key == "schema").values(value=value))
    except SQLAlchemyError as problem:
        raise ledger_error(f"{where} cannot be upgraded", problem) from None
    return before, t.SCHEMA_VERSION


def upgrade_file(path: Path) -> tuple[int, int, Path | None]:
    """Upgrade a ledger's file; gives the versions before and after, and the copy of it that was made before."""
    engine = connect(sqlite_url(path))
    try:
        with engine.connect() as connection:
            found = version_of(connection)
        copy = _copy(path, found) if found is not None and found < t.SCHEMA_VERSION else None
        return *upgrade(engine, str(path)), copy
    except SQLAlchemyError as problem:
        raise ledger_error(f"{path} cannot be upgraded", problem) from None
    finally:
        engine.dispose()


def _copy(path: Path, version: int) -> Path:
    copy = path.with_name(f"{path.name}.v{version}")
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    return copy

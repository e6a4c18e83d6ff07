"""Opens a run directory to read it, also while another process writes it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from autodata.errors import LedgerError, UsageError
from autodata.ledger.address import connect, database_url, reader, shown
from autodata.ledger.files import LEDGER
from autodata.ledger.manifest import SQLITE, Identity, identity_of, read_manifest
from autodata.ledger.migrations import check_version, version_of
from autodata.ledger.opening import run_named
from autodata.ledger.trouble import ledger_error


@contextmanager
def reading(directory: Path) -> Iterator[Connection]:
    """A connection to a run's ledger; UsageError if there is no run."""
    engine, identity, where = ledger_of(directory)
    try:
        with engine.connect() as connection:
            version = version_of(connection)
            if version is None:
                raise UsageError(f"{directory} holds no run ({where} is empty); give the --out of a run")
            check_version(version, where)
            run = run_named(connection, identity.run)
            if run is None:
                raise LedgerError(
                    f"{where} does not hold the run of {directory}; set DATABASE_URL to the one that does"
                )
            connection.info["run"] = run
            yield connection
    except SQLAlchemyError as problem:
        raise ledger_error(f"{where} cannot be read", problem) from None
    finally:
        engine.dispose()


def run_of(connection: Connection) -> int:
    """The id, in its ledger, of the run that is being read."""
    return int(connection.info["run"])


def ledger_of(directory: Path) -> tuple[Engine, Identity, str]:
    """A run's ledger to read, which run it is there, and the ledger as messages name it."""
    identity = identity_of(read_manifest(directory) or {})
    if identity.ledger != SQLITE:
        # The manifest's URL has no password: that comes from DATABASE_URL, PGPASSWORD or ~/.pgpass.
        url = database_url(os.environ.get("DATABASE_URL") or identity.ledger)
        return connect(url), identity, shown(url)
    path = directory / LEDGER
    if not path.is_file():
        raise UsageError(f"{directory} holds no run ({LEDGER} is missing); give the --out of a run")
    return reader(path), identity, str(path)

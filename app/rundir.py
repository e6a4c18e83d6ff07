"""Opens a run directory to read it, also while another process writes it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import SQLAlchemyError

from autodata.errors import LedgerError, UsageError
from graphs.run import LEDGER

RUN = 1
"""A run directory's ledger holds one run."""


@contextmanager
def reading(directory: Path) -> Iterator[Connection]:
    """A connection to a run's ledger; UsageError if there is no run."""
    path = directory / LEDGER
    if not path.is_file():
        raise UsageError(f"{directory} holds no run ({LEDGER} is missing); give the --out of a run")
    engine = create_engine(f"sqlite:///file:{path}?mode=ro&uri=true")
    try:
        with engine.connect() as connection:
            yield connection
    except SQLAlchemyError as problem:
        raise LedgerError(f"{path} cannot be read: {getattr(problem, 'orig', problem)}") from None
    finally:
        engine.dispose()

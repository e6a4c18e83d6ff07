"""A run directory's files: they appear under their names only when they are complete."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from autodata.ledger.trouble import ledger_error

LEDGER = "ledger.db"
"""The ledger of a run directory that has its own."""


@contextmanager
def whole(path: Path) -> Iterator[TextIO]:
    """A file that appears under its name only when it is complete; LedgerError if it cannot be written."""
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("w", encoding="utf-8") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError as problem:
        raise ledger_error(f"{path} cannot be written", problem) from None

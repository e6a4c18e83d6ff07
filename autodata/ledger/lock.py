"""One writer a run directory: a lock that names its holder and dies with its process."""

import fcntl
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autodata.errors import RunConflictError

LOCK = ".lock"


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
        file.truncate(0)
        file.write(f"process {os.getpid()} on {socket.gethostname()} since {time.strftime('%F %T')}")
        file.flush()
        yield
        file.truncate(0)


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

"""`autodata upgrade`: takes a run's ledger that an earlier autodata wrote to this version."""

import json
from pathlib import Path

from app.rundir import ledger_of
from autodata.ledger.files import LEDGER
from autodata.ledger.lock import run_lock
from autodata.ledger.migrations import upgrade, upgrade_file


def upgrade_command(target: Path, as_json: bool) -> None:
    """Upgrade the ledger of a run directory, or a ledger's file; a file is copied before."""
    file = target if target.is_file() else target / LEDGER
    copy: Path | None = None
    if file.is_file():
        where = str(file)
        with run_lock(file.parent):
            before, after, copy = upgrade_file(file)
    else:
        engine, _, where = ledger_of(target)
        before, after = upgrade(engine, where)
    if as_json:
        print(json.dumps({"ledger": where, "before": before, "after": after, "copy": copy and str(copy)}))
    elif before == after:
        print(f"{where} is of this version already (schema {after})")
    else:
        print(f"{where} was of schema {before} and is of {after}" + (f"; {copy} is as it was" if copy else ""))

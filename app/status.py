"""`autodata status`: how a run stands, also while it is going on."""

import json
from pathlib import Path

from rich.console import Console
from sqlalchemy import func, select

from app.closing import summary_table
from app.rundir import RUN, reading
from autodata.ledger import tables as t
from autodata.ledger.lock import holder
from autodata.ledger.summary import VERDICTS, summarize


def status_command(directory: Path, as_json: bool) -> None:
    """Print the figures of the ledger as they are now."""
    with reading(directory) as connection:
        summary = summarize(connection, RUN, {})
        files = connection.scalar(select(func.count()).where(t.sources.c.run == RUN)) or 0
    done = sum(summary[verdict] for verdict in VERDICTS) + len(summary["skipped"])
    running = holder(directory)
    if as_json:
        print(json.dumps({**summary, "files": files, "done": done, "running": running}))
        return
    console = Console(highlight=False)
    console.print(f"{done} of {files} files done" + (f", running: {running}" if running else ", not running"))
    console.print(summary_table(summary))
    if not running and done < files:
        console.print("Give the same `autodata run` command again to go on.", style="dim")

"""One measured campaign in a process of its own; prints what it took as one line of JSON."""

import asyncio
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

from autodata.documents.sources import find_sources
from autodata.settings import configure
from graphs.collector import calm_collector
from graphs.driver import Tally
from graphs.run import Plan, Watch, run_directory

# Kilobytes on Linux, bytes on macOS.
_RSS_UNIT = 1024 if sys.platform == "linux" else 1


class Memory:
    """The process's memory as documents are done, in MB."""

    def __init__(self) -> None:
        self.at: dict[int, float] = {}

    def seen(self, tally: Tally) -> None:
        """Note the memory in use each time another tenth of the documents is done."""
        tenth = 10 * tally.decided // max(tally.total, 1)
        if tenth not in self.at:
            self.at[tenth] = resident_mb()


def resident_mb() -> float:
    """Memory in use now; where the system does not say, the most there was."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * resource.getpagesize() / 1e6
    except OSError:
        return peak_mb()


def peak_mb() -> float:
    """The most memory that this process had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT / 1e6


def measured(papers: Path, out: Path, given: dict[str, Any]) -> dict[str, Any]:
    """Run the campaign; gives wall and CPU seconds without the process's start, memory and calls."""
    memory = Memory()
    settings = configure(None, given).settings
    plan = Plan(out, settings, find_sources([papers]), watch=Watch(on_change=memory.seen))
    calm_collector()
    cpu, wall = time.process_time(), time.perf_counter()
    finished = asyncio.run(run_directory(plan))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    if finished.stopped is not None:
        raise finished.stopped
    return {
        "calls": sum(role["asked"] for role in finished.summary["calls"].values()),
        "wall_s": wall,
        "cpu_s": cpu,
        "peak_mb": peak_mb(),
        "resident_mb": memory.at,
    }


if __name__ == "__main__":
    print(json.dumps(measured(Path(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3]))))

"""The rows of the table: what each measures, its goal, and how."""

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from autodata.ledger.files import LEDGER
from evals.bench.checkpoints import checkpoint_bytes
from evals.bench.ideal import ideal_seconds
from evals.bench.setting import campaign, configuration, simulator, write_documents

LATENCY_MS, PLACES = 20.0, 32
IN_FLIGHT, SLOW_MS = 400, 1_000.0
STARTS = 5


class Sizes(NamedTuple):
    """How many documents the rows take."""

    some: int
    many: int
    in_flight: int


FULL = Sizes(some=500, many=5_000, in_flight=700)
QUICK = Sizes(some=6, many=12, in_flight=4)


@dataclass
class Bench:
    """Measures that several rows use, each taken once."""

    folder: Path
    sizes: Sizes

    @cached_property
    def some(self) -> dict[str, Any]:
        """500 documents."""
        return self._run("some", self.sizes.some, LATENCY_MS, PLACES)

    @cached_property
    def many(self) -> dict[str, Any]:
        """5,000 documents."""
        return self._run("many", self.sizes.many, LATENCY_MS, PLACES)

    @cached_property
    def slow(self) -> dict[str, Any]:
        """More documents than calls may be in flight, at a server that takes a second; three rounds at most."""
        found = self._run("slow", self.sizes.in_flight, SLOW_MS, self.sizes.in_flight, 3, IN_FLIGHT)
        with sqlite3.connect(self.folder / "slow" / LEDGER) as ledger:
            at = [row[0] for row in ledger.execute("SELECT at FROM calls ORDER BY at")]
        middle = at[len(at) // 4 : 3 * len(at) // 4]  # neither while it fills nor while it drains
        return {**found, "calls_per_s": (len(middle) - 1) / (middle[-1] - middle[0])}

    def replay(self) -> float:
        """Seconds, the process's start included, in which every answer comes from the ledger and none is asked."""
        copy = self.folder / "replay"
        self.some  # noqa: B018  # measured first: this is a copy of it
        shutil.copytree(self.folder / "some", copy)
        with sqlite3.connect(copy / LEDGER) as ledger:
            for table in ("outcomes", "rounds", "attempts", "judgments", "checks", "items"):
                ledger.execute(f"DELETE FROM {table}")
        begun = time.perf_counter()
        # No server listens there: a call that was asked would end the run.
        campaign(self.folder / "some.documents", copy, _moved(self.folder))
        return time.perf_counter() - begun

    def _run(
        self, name: str, count: int, latency_ms: float, places: int, rounds: int = 15, most: int = 512
    ) -> dict[str, Any]:
        papers = write_documents(self.folder / f"{name}.documents", count)
        with simulator(latency_ms) as url:
            (self.folder / f"{name}.url").write_text(url)
            return campaign(papers, self.folder / name, configuration(url, places, rounds, most))


def _moved(folder: Path) -> dict[str, Any]:
    return configuration((folder / "some.url").read_text(), PLACES)


def started(*command: str) -> float:
    """The shortest of some starts of a command, in seconds."""
    times = []
    for _ in range(STARTS):
        begun = time.perf_counter()
        subprocess.run([sys.executable, *command], check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - begun)
    return min(times)


def _wall(found: Mapping[str, Any]) -> float:
    return 1000 * float(found["wall_s"]) / float(found["calls"])


def _ideal(bench: Bench) -> float:
    ideal = ideal_seconds(bench.folder / "some", LATENCY_MS / 1000, PLACES)
    return float(bench.some["wall_s"]) / ideal if bench.some else 0.0


def _growth(bench: Bench) -> float:
    """MB that were added from a fifth of the documents to the end."""
    at = {int(tenth): mb for tenth, mb in bench.many["resident_mb"].items()}
    return float(max(at.values()) - at.get(2, min(at.values())))


def _ledger_bytes(bench: Bench) -> float:
    return os.path.getsize(bench.folder / "some" / LEDGER) / float(bench.some["calls"]) if bench.some else 0.0


class Row(NamedTuple):
    """A line of the table; lower is better unless `at_least`."""

    title: str
    unit: str
    goal: float
    measure: Callable[[Bench], float]
    at_least: bool = False


ROWS: Mapping[str, Row] = {
    "wall": Row("500 documents, 20 ms, 32 in flight: wall", "ms a call", 1.0, lambda bench: _wall(bench.some)),
    "ideal": Row("the same against latency and the graph alone", "x", 2.0, _ideal),
    "cpu": Row(
        "CPU, ledger and graph included",
        "ms a call",
        1.0,
        lambda bench: 1000 * bench.some["cpu_s"] / bench.some["calls"],
    ),
    "scale": Row(
        "5,000 documents against 500: wall a call", "x", 1.1, lambda bench: _wall(bench.many) / _wall(bench.some)
    ),
    "memory": Row("5,000 documents: peak memory", "MB", 250, lambda bench: float(bench.many["peak_mb"])),
    "growth": Row("memory added from 1,000 to 5,000 documents", "MB", 10, _growth),
    "flight": Row(
        "400 calls in flight, 1 s each: calls/s of 400",
        "share",
        0.9,
        lambda bench: bench.slow["calls_per_s"] / IN_FLIGHT,
        at_least=True,
    ),
    "replay": Row("replay of 500 documents, no call asked", "s", 5.0, Bench.replay),
    "help": Row("autodata --help", "s", 0.3, lambda _: started("-m", "app", "--help")),
    "import": Row("import autodata", "s", 0.3, lambda _: started("-c", "import autodata")),
    "ledger": Row("ledger", "bytes a call", 3_000, _ledger_bytes),
    "checkpoint": Row(
        "checkpoints", "bytes a document", 40_000, lambda bench: checkpoint_bytes(bench.folder, bench.sizes.some)
    ),
}

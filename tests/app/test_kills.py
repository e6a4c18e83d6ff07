"""`kill -9` at random moments, again and again in one run: nothing changes, and nothing recorded is asked again.

I1: the outputs equal those of a run that nobody disturbed. I2: a call is asked twice only if it was in flight,
that is, answered but not in the ledger, when a process died.
"""

import json
import os
import random
import sqlite3
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.app.test_run import outputs
from tests.conftest import ROOT, Autodata, config_file, simulated, write_papers

LATENCY_S = 0.02


def stats(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(url.replace("/v1", "/stats")) as response:
        found: dict[str, Any] = json.load(response)
    return found


def recorded(ledger: Path) -> int:
    try:
        with sqlite3.connect(f"file:{ledger}?mode=ro", uri=True) as connection:
            return int(connection.execute("select count(*) from calls").fetchone()[0])
    except sqlite3.OperationalError:  # not there yet, or being made
        return 0


def die_somewhere(process: "subprocess.Popen[bytes]", ledger: Path, source: random.Random, calls: int) -> None:
    """Kill a process: now and then while it starts, mostly some calls later, in the middle of whatever it does."""
    if source.random() < 0.15:
        time.sleep(source.uniform(0, 1.5))
    else:
        goal, deadline = recorded(ledger) + source.randrange(calls), time.monotonic() + 60
        while recorded(ledger) < goal and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.002)
        time.sleep(source.uniform(0, 0.03))
    process.kill()


@pytest.mark.parametrize(
    ("documents", "kills", "seed"), [(6, 3, 1), pytest.param(60, 50, 2, marks=pytest.mark.slow)], ids=["3", "50"]
)
def test_kills_at_random_moments_change_nothing(
    autodata: Autodata, tmp_path: Path, documents: int, kills: int, seed: int
) -> None:
    source, killed = random.Random(seed), 0
    papers = write_papers(tmp_path / "papers", documents)
    with simulated("--latency-ms", str(1000 * LATENCY_S)) as url:
        autodata("run", papers, "--out", "whole", "--config", config_file(tmp_path, url))
        whole = stats(url)["answered"]
    with simulated("--latency-ms", str(1000 * LATENCY_S)) as url:
        arguments = ["run", papers, "--out", "killed", "--config", config_file(tmp_path, url), "--concurrency", 8]
        command = [sys.executable, "-m", "app", *map(str, arguments), "--quiet"]
        ledger, in_flight = tmp_path / "killed" / "ledger.db", 0
        for _ in range(kills):
            with subprocess.Popen(command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}) as process:
                die_somewhere(process, ledger, source, max(2 * whole // kills - 20, 20))
            killed += process.returncode == -9
            time.sleep(5 * LATENCY_S)  # the server may still be answering who is dead
            in_flight += stats(url)["distinct"] - recorded(ledger)
        assert killed >= 0.8 * kills, "most processes died before they were done"
        autodata(*arguments)
        found = stats(url)
    twice = found["answered"] - found["distinct"]
    print(f"{killed} killed; {twice} calls asked twice, {in_flight} were in flight")
    assert outputs(tmp_path / "killed") == outputs(tmp_path / "whole")
    assert found["distinct"] == whole
    assert twice <= in_flight

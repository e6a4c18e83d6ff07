"""Runs whose endpoints misbehave in several ways at once, or go away in the middle."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from tests.app.test_run import lines
from tests.conftest import ROOT, Autodata, config_file, simulated, write_papers

FAULTS = "unreadable=0.05,truncated=0.03,reasoning_only=0.02,rate_limit=0.03,error=0.02"


def test_five_kinds_of_faults_at_once_lose_no_document(autodata: Autodata, tmp_path: Path) -> None:
    papers = write_papers(tmp_path / "papers", 60)
    with simulated("--faults", FAULTS) as url:
        finished = autodata("run", papers, "--out", "out", "--config", config_file(tmp_path, url))
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert summary["documents"] == 60 == summary["accepted"] + summary["exhausted"] + summary["invalid"]
    assert summary["invalid"] <= 1
    assert summary["accepted"] >= 48, "at most 60 can be accepted in a clean run: within 20 % of it"
    assert len(lines(tmp_path / "out" / "accepted.jsonl")) == summary["accepted"]
    calls = summary["calls"].values()
    for trouble in ("retried", "unreadable", "truncated", "thought_only"):
        assert sum(role[trouble] for role in calls) > 0, f"the fault shows as {trouble}"
    assert summary["tokens"]["thinking"] > 0
    assert "raise models.judge.max_tokens" in finished.stdout.replace("\n", " ")


def test_an_outage_in_the_middle_is_said_waited_for_and_survived(tmp_path: Path) -> None:
    papers = write_papers(tmp_path / "papers", 20)
    with simulated("--latency-ms", "50") as url:
        config = config_file(tmp_path, url)
        process = start(tmp_path, papers, config)
        wait_for_rounds(process, 3)
    said = read_on(process)
    port = url.split(":")[2].split("/")[0]
    until(lambda: any("waiting for the endpoint" in line for line in said))
    with simulated("--latency-ms", "5", "--port", port):
        assert process.wait(60) == 0
    until(lambda: any("answers again" in line for line in said))
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert summary["accepted"] + summary["exhausted"] == 20 and summary["failures"]["invalid"] <= 1


def test_an_outage_that_lasts_ends_with_4_and_can_be_gone_on_with(autodata: Autodata, tmp_path: Path) -> None:
    papers = write_papers(tmp_path / "papers", 8)
    with simulated("--latency-ms", "50") as url:
        config = config_file(tmp_path, url, "[limits]\noutage_s = 7")
        process = start(tmp_path, papers, config)
        wait_for_rounds(process, 2)
    said = read_on(process)
    assert process.wait(60) == 4
    until(lambda: any("for 7 s it gave no answer" in line.replace("\n", " ") for line in said))
    with simulated("--port", url.split(":")[2].split("/")[0]):
        autodata("run", papers, "--out", "out", "--config", config)
    assert json.loads((tmp_path / "out" / "summary.json").read_text())["documents"] == 8


def test_nobody_at_the_endpoint_is_seen_within_seconds(autodata: Autodata, tmp_path: Path) -> None:
    papers = write_papers(tmp_path / "papers", 3)
    started = time.monotonic()
    config = config_file(tmp_path, "http://127.0.0.1:9/v1")
    finished = autodata("run", papers, "--out", "out", "--config", config, check=4)
    assert time.monotonic() - started < 20
    assert "no connection to 127.0.0.1:9" in finished.stdout.replace("\n", " ")


def test_each_role_has_its_own_timeout(autodata: Autodata, tmp_path: Path) -> None:
    papers = write_papers(tmp_path / "papers", 1)
    with simulated("--latency-ms", "400") as url:
        config = config_file(tmp_path, url, "[limits]\noutage_s = 1")
        config.write_text(config.read_text() + "[models.judge]\ntimeout_s = 0.1\n")
        finished = autodata("run", papers, "--out", "out", "--config", config, check=4)
    assert "no answer within 0.1 s" in finished.stdout.replace("\n", " ")
    calls = json.loads((tmp_path / "out" / "summary.json").read_text())["calls"]
    assert calls["challenger"]["asked"] and calls["weak"]["asked"] and "judge" not in calls


def start(folder: Path, papers: Path, config: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "app", "run", str(papers), "--out", "out", "--config", str(config)]
    return subprocess.Popen(
        [*command, "--concurrency", "8"],
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "400"},
    )


def wait_for_rounds(process: "subprocess.Popen[str]", count: int) -> None:
    assert process.stdout is not None
    while count:
        line = process.stdout.readline()
        assert line, "the run has ended"
        count -= "round" in line


def read_on(process: "subprocess.Popen[str]") -> list[str]:
    """The lines that a process prints from now on, as they come."""
    said: list[str] = []
    out = process.stdout
    assert out is not None
    threading.Thread(target=lambda: said.extend(iter(out.readline, "")), daemon=True).start()
    return said


def until(holds: Callable[[], bool], within_s: float = 60) -> None:
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)

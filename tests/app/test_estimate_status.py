"""`autodata estimate` and `autodata status`: what a run will take, how it goes, and how the two compare."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from app.estimate import estimate_command
from tests.conftest import ROOT, Autodata, config_file, simulated, write_papers


def test_an_estimate_from_an_earlier_run_is_near_the_next_one(
    autodata: Autodata, simulator: str, tmp_path: Path
) -> None:
    few, many = write_papers(tmp_path / "few", 15), write_papers(tmp_path / "many", 30)
    config = config_file(tmp_path, simulator)
    published = json.loads(autodata("estimate", few, "--config", config, "--json").stdout)
    assert (published["documents"], published["basis"]) == (15, "published means")
    autodata("run", few, "--out", "few.run", "--config", config)
    expected = estimate_command([many], {}, config, tmp_path / "few.run")
    assert expected["basis"] == f"15 documents of {tmp_path / 'few.run'}"
    asked = ["run", many, "--out", "many.run", "--config", config, "--like", tmp_path / "few.run", "--json"]
    summary = json.loads(autodata(*asked).stdout)
    calls = sum(role["asked"] for role in summary["calls"].values())
    assert 0.8 * expected["calls"]["low"] <= calls <= 1.2 * expected["calls"]["high"]
    assert 0.7 < summary["tokens"]["in"] / expected["tokens_in"]["likely"] < 1.4
    told = autodata("status", "many.run").stdout
    assert f"calls {calls:,} of {expected['calls']['likely']:,}" in " ".join(told.split())


def test_status_shows_a_run_that_goes_on_in_another_process(autodata: Autodata, tmp_path: Path) -> None:
    with simulated("--latency-ms", "1500") as url:
        papers, config = write_papers(tmp_path / "papers", 6), config_file(tmp_path, url)
        command = [sys.executable, "-m", "app", "run", str(papers), "--out", str(tmp_path / "o")]
        with subprocess.Popen([*command, "--config", str(config), "--quiet"], cwd=ROOT) as process:
            found: dict[str, Any] = {}
            deadline = time.monotonic() + 60
            while not (found.get("session") and found["slow"]) and time.monotonic() < deadline:
                time.sleep(0.5)
                if (tmp_path / "o" / "summary.json").exists() or not (tmp_path / "o" / "manifest.json").exists():
                    continue
                found = json.loads(autodata("status", "o", "--json").stdout)
            shown = autodata("status", "o").stdout
            process.kill()
    assert f"process {process.pid} on" in found["running"]
    assert found["session"]["documents_in_flight"] == 6
    assert sum(found["session"]["calls_in_flight"].values()) >= 6
    assert (found["files"], found["done"]) == (6, 0)
    assert found["slow"][0]["p50_s"] >= 1.5
    assert "documents; calls:" in shown and "running: process" in shown and "slowest" in shown

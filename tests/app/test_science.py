"""`autodata run` in the science domain, end to end: exact counts, candidates, a kill, a silent endpoint."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.app.test_run import LINE, _wait_for_calls, lines, outputs
from tests.conftest import ROOT, Autodata, config_file, simulated, write_papers


def science_config(folder: Path, url: str) -> Path:
    path = config_file(folder, url)
    path.write_text(path.read_text().replace("cs_research", "science"))
    return path


def correct(line: dict[str, Any], solver: str) -> int:
    scores = list(line[solver]["scores"])
    assert len(scores) == 4 and set(scores) <= {0.0, 1.0}
    return scores.count(1.0)


def test_accepted_items_follow_the_exact_counts_and_a_kill_changes_nothing(
    autodata: Autodata, simulator: str, tmp_path: Path
) -> None:
    papers, config = write_papers(tmp_path / "papers", 2), science_config(tmp_path, simulator)
    autodata("run", papers, "--out", "out", "--config", config, "--max-rounds", 3)
    accepted, rejected = lines(tmp_path / "out/accepted.jsonl"), lines(tmp_path / "out/rejected.jsonl")
    summary = json.loads((tmp_path / "out/summary.json").read_text())
    assert summary["documents"] == 2 and len(accepted) == summary["accepted"] >= 1
    for line in accepted:
        assert set(line) == LINE and line["policy"] == "counts"
        assert correct(line, "weak") <= 1 and correct(line, "strong") >= 3
        assert line["rubric"] == [
            {"criterion": f"The final answer is equivalent to: {line['reference_answer']}", "weight": 1}
        ]
    for line in rejected:
        if line["failure"] == "too_easy":
            assert correct(line, "weak") >= 2 and line["strong"] is None
        if line["failure"] == "failed_on_strong":
            assert correct(line, "weak") <= 1 and correct(line, "strong") <= 2
    rounds = summary["accepted"] + sum(summary["failures"].values())
    assert sum(summary["candidates"].values()) == 4 * rounds and summary["candidates"]["not_chosen"] > rounds
    story = autodata("show", "out", accepted[0]["document_id"]).stdout
    assert "candidate 1: " in story and "not chosen" in story

    arguments = ["run", str(papers), "--out", "killed", "--config", str(config), "--max-rounds", "3"]
    command = [sys.executable, "-m", "app", *arguments]
    with subprocess.Popen(command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}) as process:
        _wait_for_calls(tmp_path / "killed" / "ledger.db", process, more=20)
        process.kill()
    autodata(*arguments)
    assert outputs(tmp_path / "killed") == outputs(tmp_path / "out")


def test_a_silent_endpoint_stops_the_run_and_its_attempts_are_asked_again(
    autodata: Autodata, tmp_path: Path
) -> None:
    papers = write_papers(tmp_path / "papers", 1)
    with simulated("--faults", "mute=1000") as url:
        config = science_config(tmp_path, url)
        stopped = autodata("run", papers, "--out", "out", "--config", config, check=4)
    assert "gives empty answers, even to 2 + 2" in " ".join(stopped.stdout.split())
    assert lines(tmp_path / "out/accepted.jsonl") == lines(tmp_path / "out/rejected.jsonl") == []
    with simulated("--port", url.rpartition(":")[2].removesuffix("/v1")):
        autodata("run", papers, "--out", "out", "--config", config, "--max-rounds", 15)
    summary = json.loads((tmp_path / "out/summary.json").read_text())
    assert summary["accepted"] == 1 and summary["failures"]["invalid"] == 0
    (accepted,) = lines(tmp_path / "out/accepted.jsonl")
    assert correct(accepted, "weak") <= 1

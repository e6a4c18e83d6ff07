"""The legal domain from end to end, in processes of its own: all documents accounted for, verdicts recomputed."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from autodata.acceptance import POLICIES, Advice, advice_allows, decide
from autodata.overrides import overrides
from evals.simulator.legal import NO_REASONS
from tests.app.test_run import LINE, SUMMARY, exact, lines, outputs
from tests.app.test_run import _wait_for_calls as wait_for_calls
from tests.conftest import ROOT, Autodata, config_file, simulated

LEGAL = POLICIES["legal"]
CORPUS = ROOT.parent / "shared" / "corpus" / "legal"


def write_opinions(folder: Path, count: int) -> Path:
    """A folder of small opinions; the second of them gives no reasons."""
    folder.mkdir()
    for number in range(count):
        start = f"{NO_REASONS.capitalize()}. " if number == 1 else ""
        sentence = f"Lien {number} is lost unless notice of sale {number} reaches the owner before it ends. "
        (folder / f"opinion{number:02d}.txt").write_text(f"{start}{sentence * 6}")
    return folder


def legal_config(folder: Path, url: str) -> Path:
    path = config_file(folder, url)
    path.write_text(path.read_text().replace("cs_research", "legal"))
    return path


def accepted_by_code(line: dict[str, Any]) -> bool:
    """The verdict, recomputed from a line of the dataset and nothing else."""
    said = Advice(line["advice"]["verdict"], line["advice"]["grpo_suitability"])
    scores = decide(LEGAL, exact(line["weak"]["scores"]), exact(line["strong"]["scores"]))
    return not overrides(line["question"]) and scores.accepted and advice_allows(LEGAL, said)


def check(out: Path, documents: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What holds for every legal run; gives the accepted and the rejected lines."""
    accepted, rejected = lines(out / "accepted.jsonl"), lines(out / "rejected.jsonl")
    summary = json.loads((out / "summary.json").read_text())
    assert set(summary) >= SUMMARY
    decided = (summary[name] for name in ("accepted", "exhausted", "invalid", "unsuitable"))
    assert summary["documents"] == sum(decided) == documents
    assert len(accepted) == summary["accepted"]
    for line in accepted:
        assert set(line) == LINE | {"advice"} and accepted_by_code(line)
        assert line["provenance"]["policy_hash"] == LEGAL.hash
        assert 15 <= len(line["rubric"]) <= 25
        assert all(set(entry) == {"criterion", "weight", "category", "capability"} for entry in line["rubric"])
    for line in rejected:
        loosened = "advice" in line and accepted_by_code(line)
        assert not loosened or line["failure"] == "failed_qv"
    return accepted, rejected


def test_every_document_is_accounted_for_and_every_verdict_can_be_recomputed(
    autodata: Autodata, simulator: str, tmp_path: Path
) -> None:
    opinions = write_opinions(tmp_path / "opinions", 10)
    finished = autodata("run", opinions, "--out", "out", "--config", legal_config(tmp_path, simulator))
    accepted, rejected = check(tmp_path / "out", 10)
    assert len(accepted) >= 7
    assert {line["failure"] for line in rejected} >= {"failed_qv"}
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert summary["unsuitable_documents"] == [
        {"file": "opinion01.txt", "reason": "unsuitable: A summary affirmance without analysis."}
    ]
    assert "opinion01.txt: unsuitable: A summary affirmance" in finished.stdout
    assert "1 unsuitable" in finished.stdout

    story = autodata("show", "out", accepted[0]["id"][:12]).stdout
    for part in (
        "capability",
        "spot_the_deadline",
        "loop judge",
        "accept, suitability",
        "fertile ground",
        "W5",
        "S3",
    ):
        assert part in story


def test_a_kill_changes_nothing(autodata: Autodata, tmp_path: Path) -> None:
    with simulated("--latency-ms", "10") as url:
        opinions, config = write_opinions(tmp_path / "opinions", 6), legal_config(tmp_path, url)
        autodata("run", opinions, "--out", "whole", "--config", config)
        arguments = ["run", str(opinions), "--out", "killed", "--config", str(config), "--concurrency", "3"]
        with subprocess.Popen(
            [sys.executable, "-m", "app", *arguments],
            cwd=tmp_path,
            stdout=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        ) as process:
            wait_for_calls(tmp_path / "killed" / "ledger.db", process)
            process.kill()
        assert process.wait() == -9, "it was killed in the middle of its work"
        autodata(*arguments)
    assert outputs(tmp_path / "killed") == outputs(tmp_path / "whole")


def test_faults_lose_no_document(autodata: Autodata, tmp_path: Path) -> None:
    faults = "unreadable=0.05,truncated=0.03,reasoning_only=0.02,rate_limit=0.03,error=0.02"
    with simulated("--faults", faults) as url:
        opinions = write_opinions(tmp_path / "opinions", 8)
        autodata("run", opinions, "--out", "out", "--config", legal_config(tmp_path, url))
    accepted, _ = check(tmp_path / "out", 8)
    assert len(accepted) >= 5


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of court opinions is not here")
def test_court_opinions_run_to_their_verdicts(autodata: Autodata, simulator: str, tmp_path: Path) -> None:
    autodata("run", CORPUS, "--out", "out", "--config", legal_config(tmp_path, simulator))
    accepted, _ = check(tmp_path / "out", len(list(CORPUS.iterdir())))
    assert accepted

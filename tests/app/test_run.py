"""`autodata run` from end to end, in processes of its own: the contract of a run directory and its exit status."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from autodata.acceptance import POLICIES, decide
from tests.conftest import ROOT, Autodata, config_file, simulated, write_papers

LINE = {
    "id", "document_id", "domain", "policy", "round", "context", "question", "question_type", "reasoning_skills",
    "reference_answer", "rubric", "weak", "strong", "gap", "provenance",
}  # fmt: skip
SUMMARY = {
    "documents", "accepted", "exhausted", "invalid", "rounds", "failures", "calls", "tokens", "cost_usd",
    "seconds", "weak_mean", "strong_mean", "gap", "skipped",
}  # fmt: skip


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def outputs(directory: Path) -> tuple[str, str]:
    """What must not depend on timing or interruptions."""
    return (directory / "accepted.jsonl").read_text(), (directory / "rejected.jsonl").read_text()


def answered(url: str) -> int:
    with urllib.request.urlopen(url.replace("/v1", "/stats")) as response:
        return int(json.load(response)["answered"])


def exact(scores: list[float]) -> list[Fraction]:
    return [Fraction(value).limit_denominator(10_000) for value in scores]


def test_forty_documents_give_verdicts_that_can_be_recomputed(
    autodata: Autodata, simulator: str, tmp_path: Path
) -> None:
    papers = write_papers(tmp_path / "papers", 40)
    finished = autodata("run", papers, "--out", "out", "--config", config_file(tmp_path, simulator))
    out = tmp_path / "out"
    accepted, rejected = lines(out / "accepted.jsonl"), lines(out / "rejected.jsonl")
    summary = json.loads((out / "summary.json").read_text())
    assert set(summary) >= SUMMARY
    assert summary["documents"] == 40
    assert summary["accepted"] + summary["exhausted"] + summary["invalid"] == 40
    assert len(accepted) == summary["accepted"] >= 30
    assert all(set(line) == LINE for line in accepted)
    assert all(set(line) == LINE | {"failure"} for line in rejected)
    policy = POLICIES["deployed"]
    for line in accepted:
        decision = decide(policy, exact(line["weak"]["scores"]), exact(line["strong"]["scores"]))
        assert decision.accepted
        assert line["provenance"]["policy_hash"] == policy.hash
    for line in rejected:
        if line["failure"] == "failed_on_strong":
            assert not decide(policy, exact(line["weak"]["scores"]), exact(line["strong"]["scores"])).accepted
        if line["failure"] == "too_easy":
            assert line["strong"] is None and line["gap"] is None
    assert sum(role["asked"] for role in summary["calls"].values()) > 500
    assert "accepted.jsonl" in finished.stdout and "round 1" in finished.stdout
    assert (out / "manifest.json").is_file() and (out / "ledger.db").is_file()


def test_a_finished_run_started_again_asks_nothing_and_writes_the_same(
    autodata: Autodata, simulator: str, tmp_path: Path
) -> None:
    papers, config = write_papers(tmp_path / "papers", 5), config_file(tmp_path, simulator)
    autodata("run", papers, "--out", "out", "--config", config)
    before, asked = outputs(tmp_path / "out"), answered(simulator)
    autodata("run", papers, "--out", "out", "--config", config)
    assert outputs(tmp_path / "out") == before
    assert answered(simulator) == asked


def test_five_kills_change_nothing(autodata: Autodata, tmp_path: Path) -> None:
    with simulated("--latency-ms", "20") as url:
        papers, config = write_papers(tmp_path / "papers", 30), config_file(tmp_path, url)
        autodata("run", papers, "--out", "whole", "--config", config)
        whole = answered(url)
        arguments = ["run", str(papers), "--out", "killed", "--config", str(config), "--concurrency", "8"]
        command = [sys.executable, "-m", "app", *arguments]
        for _ in range(5):
            with subprocess.Popen(command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}) as process:
                _wait_for_calls(tmp_path / "killed" / "ledger.db", process)
                process.kill()
        autodata(*arguments)
        again = answered(url) - whole
    assert outputs(tmp_path / "killed") == outputs(tmp_path / "whole")
    # Only what was in flight when the process died is asked twice: at most 8 documents with 3 attempts each.
    assert whole <= again <= whole + 5 * 8 * 3


def _wait_for_calls(ledger: Path, process: "subprocess.Popen[bytes]", more: int = 40) -> None:
    """Wait until a process has recorded some calls more, so that it is killed in the middle of its work."""
    import sqlite3

    def count() -> int:
        try:
            with sqlite3.connect(f"file:{ledger}?mode=ro", uri=True) as connection:
                return int(connection.execute("select count(*) from calls").fetchone()[0])
        except sqlite3.OperationalError:
            return 0

    before, deadline = count(), time.monotonic() + 30
    while count() < before + more and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)


def test_ctrl_c_ends_in_good_order_and_can_be_gone_on_with(autodata: Autodata, tmp_path: Path) -> None:
    with simulated("--latency-ms", "20") as url:
        papers, config = write_papers(tmp_path / "papers", 30), config_file(tmp_path, url)
        autodata("run", papers, "--out", "whole", "--config", config)
        whole = answered(url)
        arguments = ["run", str(papers), "--out", "stopped", "--config", str(config), "--concurrency", "4"]
        with subprocess.Popen(
            [sys.executable, "-m", "app", *arguments],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        ) as process:
            _wait_for_calls(tmp_path / "stopped" / "ledger.db", process)  # type: ignore[arg-type]
            process.send_signal(signal.SIGINT)
            said = process.communicate(timeout=30)
        assert process.returncode == 130
        assert "interrupted; start again to go on" in said[0] and "Traceback" not in said[1]
        autodata(*arguments)
        assert answered(url) - whole == whole, "what was in flight was recorded, so nothing is asked twice"
    assert outputs(tmp_path / "stopped") == outputs(tmp_path / "whole")


def test_a_budget_is_never_passed_and_a_larger_one_goes_on(autodata: Autodata, tmp_path: Path) -> None:
    with simulated() as url:
        papers, config = write_papers(tmp_path / "papers", 8), config_file(tmp_path, url)
        autodata("run", papers, "--out", "whole", "--config", config)
        whole = answered(url)
        capped = ["run", papers, "--out", "capped", "--config", config]
        finished = autodata(*capped, "--max-calls", 60, "--concurrency", 1, check=3)
        assert answered(url) - whole == 60
        assert "--max-calls 60" in finished.stdout
        summary = json.loads((tmp_path / "capped" / "summary.json").read_text())
        assert sum(role["asked"] for role in summary["calls"].values()) == 60
        assert summary["accepted"] >= 1, "depth first: what was spent has produced items"
        autodata(*capped, "--max-calls", 100_000)
        assert answered(url) == 2 * whole
    assert outputs(tmp_path / "capped") == outputs(tmp_path / "whole")


def test_a_cost_cap_is_never_passed(autodata: Autodata, simulator: str, tmp_path: Path) -> None:
    papers = write_papers(tmp_path / "papers", 8)
    config = config_file(tmp_path, simulator)
    prices = 'base_url = "', 'price_in = 2.0\nprice_out = 10.0\nmax_tokens = 600\nbase_url = "'
    config.write_text(config.read_text().replace(*prices))
    autodata("run", papers, "--out", "out", "--config", config, "--max-cost", "0.2", check=3)
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert 0.1 < summary["cost_usd"] <= 0.2


def test_a_target_stops_the_run(autodata: Autodata, simulator: str, tmp_path: Path) -> None:
    papers, config = write_papers(tmp_path / "papers", 12), config_file(tmp_path, simulator)
    autodata("run", papers, "--out", "out", "--config", config, "--target", 3, "--concurrency", 1)
    assert len(lines(tmp_path / "out" / "accepted.jsonl")) == 3


def test_json_is_for_scripts_and_quiet_is_quiet(autodata: Autodata, simulator: str, tmp_path: Path) -> None:
    papers, config = write_papers(tmp_path / "papers", 2), config_file(tmp_path, simulator)
    as_json = autodata("run", papers, "--out", "a", "--config", config, "--json")
    assert json.loads(as_json.stdout)["documents"] == 2
    assert autodata("run", papers, "--out", "b", "--config", config, "--quiet").stdout == ""


@pytest.mark.parametrize("policy", ["prose", "deployed", "counts"])
def test_each_policy_decides_by_its_own_limits(
    autodata: Autodata, simulator: str, tmp_path: Path, policy: str
) -> None:
    papers, config = write_papers(tmp_path / "papers", 6), config_file(tmp_path, simulator)
    autodata("run", papers, "--out", "out", "--config", config, "--policy", policy, "--max-rounds", 3)
    for line in lines(tmp_path / "out" / "accepted.jsonl"):
        assert line["policy"] == policy
        assert decide(POLICIES[policy], exact(line["weak"]["scores"]), exact(line["strong"]["scores"])).accepted

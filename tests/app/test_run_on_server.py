"""`autodata run --server`: the same campaign, files and summary, whatever dies on the way."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

from autodata.errors import BudgetSpentError
from graphs.remote import _failure
from tests.app.test_run import answered, outputs
from tests.conftest import ROOT, Autodata, config_file, simulated, write_papers
from tests.graphs.serving import free_port, langgraph_dev

PAPERS = 6


def summary(run: Path) -> dict[str, Any]:
    """What must not depend on timing: all but the time, and what the provider happened to have in its cache."""
    found: dict[str, Any] = json.loads((run / "summary.json").read_text())
    del found["seconds"], found["tokens"]["cached"]
    return found


def test_a_campaign_on_a_server_that_is_killed_ends_as_the_local_one(autodata: Autodata, tmp_path: Path) -> None:
    port, out, home = free_port(), tmp_path / "remote", tmp_path / "server"
    with simulated("--latency-ms", "20") as models:
        papers, config = write_papers(tmp_path / "papers", PAPERS), config_file(tmp_path, models)
        asked = ["run", str(papers), "--config", str(config), "--quiet"]
        autodata(*asked, "--out", "local")
        alone = answered(models)
        there = [*asked, "--out", str(out), "--server", f"http://127.0.0.1:{port}", "--concurrency", "4"]
        # The models' key is the server's: nobody who calls it needs one.
        with langgraph_dev(home, port=port) as server:
            running = subprocess.Popen(
                [sys.executable, "-m", "app", *there],
                cwd=tmp_path,
                env={**os.environ, "PYTHONPATH": str(ROOT), "OPENAI_API_KEY": ""},
            )
            while answered(models) < alone * 1.4:
                assert running.poll() is None
                time.sleep(0.02)
            server.process.kill()  # -9
        with langgraph_dev(home, port=port) as server:
            assert running.wait(timeout=120) == 0
            once = answered(models) - alone
            assert outputs(out) == outputs(tmp_path / "local")
            assert summary(out) == summary(tmp_path / "local")
            assert alone <= once <= alone + 4 * 3, "only what was in flight is asked again"
            (out / "ledger.db").unlink()
            autodata(*there)  # all is there: the server's ledger replays it
        assert answered(models) == alone + once
    assert outputs(out) == outputs(tmp_path / "local")
    shown = autodata("show", out, "paper000.md").stdout
    assert shown == autodata("show", "local", "paper000.md").stdout, "the whole evidence came home"


def test_no_server_there_exits_4(autodata: Autodata, simulator: str, tmp_path: Path) -> None:
    papers, config = write_papers(tmp_path / "papers", 1), config_file(tmp_path, simulator)
    url = f"http://127.0.0.1:{free_port()}"
    finished = autodata("run", papers, "--out", "o", "--config", config, "--server", url, check=4)
    assert f"no server answers at {url}" in finished.stderr


def test_what_ends_a_run_there_has_its_exit_status_here() -> None:
    spent = _failure({"error": "BudgetSpentError", "message": "--max-calls 3 is reached"})
    assert isinstance(spent, BudgetSpentError) and "--max-calls 3" in str(spent)
    for unknown in ("KeyError", "Path", None):
        assert isinstance(_failure({"error": unknown, "message": "x"}), httpx.HTTPError), "it is tried again"

"""The bench: every row gives a number, and what it compares with is what the graph must wait for."""

import json
import subprocess
import sys
from pathlib import Path

from autodata.documents.sources import find_sources
from autodata.settings import configure
from evals.bench.ideal import ideal_seconds
from evals.bench.rows import ROWS
from evals.bench.setting import configuration, write_documents
from graphs.run import Plan, run_directory
from tests.conftest import ROOT

FAST = ["wall", "ideal", "cpu", "ledger", "checkpoint"]


def test_rows_are_measured_and_an_unknown_one_is_named() -> None:
    command = [sys.executable, "-m", "evals.bench", "--quick", "--json", "--rows"]
    found = subprocess.run([*command, ",".join(FAST)], cwd=ROOT, capture_output=True, text=True, check=True)
    figures = json.loads(found.stdout)
    assert list(figures) == FAST and all(figure > 0 for figure in figures.values())
    assert 500 < figures["ledger"] <= ROWS["ledger"].goal
    assert 1_000 < figures["checkpoint"] <= ROWS["checkpoint"].goal
    assert figures["ideal"] > 1
    wrong = subprocess.run([*command, "speed"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert wrong.returncode == 2 and "no row 'speed'" in wrong.stderr


async def test_the_ideal_is_what_is_waited_for(simulator: str, tmp_path: Path) -> None:
    papers = write_documents(tmp_path / "papers", 3)
    settings = configure(None, configuration(simulator, 3)).settings
    finished = await run_directory(Plan(tmp_path / "o", settings, find_sources([papers])))
    calls = finished.summary["calls"]
    in_turn = calls["challenger"]["asked"] + calls["quality_verifier"]["asked"]
    stages = (calls["weak"]["asked"] + calls["strong"]["asked"]) / 3
    assert ideal_seconds(tmp_path / "o", 1.0, 1) == in_turn + 2 * stages
    longest = ideal_seconds(tmp_path / "o", 1.0, 3)
    assert ideal_seconds(tmp_path / "o", 1.0, 1) / 3 <= longest < ideal_seconds(tmp_path / "o", 1.0, 1)
    assert ideal_seconds(tmp_path / "o", 0.5, 3) == longest / 2

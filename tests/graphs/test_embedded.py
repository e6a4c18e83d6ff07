"""Real language models on this CPU: one document to its verdict. Needs the model files; run with `-m models`."""

import os
import subprocess
from pathlib import Path

import pytest

from autodata.ledger.ledger import Ledger
from autodata.settings import configure
from graphs.self_instruct import Context, graph
from nodes.resources import open_resources
from tests.conftest import EXAMPLES

pytestmark = pytest.mark.models


def servers() -> set[str]:
    found = subprocess.run(
        ["pgrep", "-f", "autodata.models.local_server"], capture_output=True, text=True, check=False
    )
    return set(found.stdout.split())


async def test_a_document_runs_to_its_verdict_and_the_servers_end(tmp_path: Path) -> None:
    before = servers()
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}")
    resources = await open_resources(configure().settings, ledger)
    assert len(servers() - before) == 2
    text = (EXAMPLES / "24-telescope-time.md").read_text("utf-8")
    result = await graph.ainvoke({"document": {"title": "T", "text": text}}, context=Context.of(resources))
    assert result["verdict"] in ("accepted", "exhausted")
    scores = [entry["weak_mean"] for entry in result["rounds"] if entry["weak_mean"] is not None]
    assert scores, "the solvers really answered"
    await resources.close()
    ledger.close()
    assert servers() <= before


def test_the_servers_end_with_a_killed_run(tmp_path: Path) -> None:
    import signal
    import sys
    import time

    before = servers()
    command = [sys.executable, "-m", "app", "demo", "--out", str(tmp_path / "o"), "--documents", "1", "--quiet"]
    with subprocess.Popen(command, env=os.environ.copy()) as process:
        deadline = time.monotonic() + 60
        while len(servers() - before) < 2 and time.monotonic() < deadline:
            time.sleep(0.2)
        assert len(servers() - before) == 2
        process.send_signal(signal.SIGKILL)
    time.sleep(2)
    assert servers() <= before

"""A cluster on real PostgreSQL and Redis: a worker is killed, and the campaign ends as the local one.

Run it with `pytest -m cluster`; `python3.12 deploy/cluster.py` makes the environment that it needs.
"""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.app.test_run import answered, outputs
from tests.conftest import ROOT, Autodata, config_file, simulated, write_papers

pytestmark = pytest.mark.cluster

SERVER = os.environ.get("TEST_POSTGRES", "postgresql://127.0.0.1:5432")
REDIS = os.environ.get("TEST_REDIS", "redis://127.0.0.1:6379/9")
TOKEN = "cluster-test-token"
LEASE_S = 6
PAPERS = 200
IN_FLIGHT = 16


def python312() -> str:
    """The Python of Aegra's environment; skips where there is none."""
    found = ROOT / "deploy" / ".venv" / "bin" / "python"
    if not found.exists():
        pytest.skip("no deploy/.venv: start deploy/cluster.py once, with Python 3.12 or newer")
    return str(found)


@pytest.fixture
def databases() -> Iterator[tuple[str, str]]:
    """Two fresh databases: the ledger's and the servers'."""
    names = [f"autodata_test_{os.getpid()}_{kind}" for kind in ("ledger", "server")]
    try:
        admin = create_engine(f"{SERVER.replace('://', '+psycopg://')}/postgres", isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            for name in names:
                connection.execute(text(f"CREATE DATABASE {name}"))
    except Exception as problem:
        pytest.skip(f"no PostgreSQL at {SERVER}: {type(problem).__name__}")
    yield f"{SERVER}/{names[0]}", f"{SERVER}/{names[1]}"
    with admin.connect() as connection:
        for name in names:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@contextmanager
def cluster(databases: tuple[str, str], logs: Path, workers: int) -> Iterator[dict[str, tuple[str, int]]]:
    """A cluster's nodes, by name: address and process."""
    command = [python312(), str(ROOT / "deploy" / "cluster.py"), "--port", "0", "--workers", str(workers)]
    command += ["--database", databases[0], "--server-database", databases[1], "--redis", REDIS]
    command += ["--lease", str(LEASE_S), "--jobs", str(IN_FLIGHT), "--logs", str(logs)]
    environment = {**os.environ, "AUTODATA_SERVER_TOKEN": TOKEN, "LANGSMITH_TRACING": "false"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        nodes: dict[str, tuple[str, int]] = {}
        try:
            for _ in range(workers + 1):
                found = re.match(r"(front|worker \d+) (\S+) process (\d+)", process.stdout.readline())
                assert found, "the cluster did not start"
                nodes[found[1]] = (found[2], int(found[3]))
            yield nodes
        finally:
            process.send_signal(signal.SIGTERM)


def test_a_worker_that_is_killed_changes_nothing(
    autodata: Autodata, tmp_path: Path, databases: tuple[str, str]
) -> None:
    with simulated("--latency-ms", "20") as models:
        papers, config = write_papers(tmp_path / "papers", PAPERS), config_file(tmp_path, models)
        asked = ["run", papers, "--config", config, "--quiet"]
        autodata(*asked, "--out", "local")
        alone = answered(models)
        with cluster(databases, tmp_path / "logs", workers=2) as nodes:
            started = time.monotonic()
            there = [*asked, "--out", "there", "--server", nodes["front"][0], "--concurrency", str(2 * IN_FLIGHT)]
            with subprocess.Popen(
                [sys.executable, "-m", "app", *map(str, there)],
                cwd=tmp_path,
                env={**os.environ, "PYTHONPATH": str(ROOT), "AUTODATA_SERVER_TOKEN": TOKEN},
            ) as running:
                while answered(models) < alone * 1.3:
                    assert running.poll() is None
                    time.sleep(0.05)
                os.kill(nodes["worker 1"][1], signal.SIGKILL)
                assert running.wait(timeout=180) == 0
            print(f"{PAPERS / (time.monotonic() - started):.2f} documents/s with one of two workers killed")
        again = answered(models) - alone
    assert outputs(tmp_path / "there") == outputs(tmp_path / "local")
    assert alone <= again <= alone + IN_FLIGHT * 3, "only what was in flight is asked again"
    left = b"".join(path.read_bytes() for path in (tmp_path / "logs").iterdir())
    assert TOKEN.encode() not in left

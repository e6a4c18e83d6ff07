"""Starts a cluster on one machine: a front and workers of Aegra, on a PostgreSQL and a Redis that run already.

`python deploy/cluster.py --workers 2`, with any Python from 3.12 on; the first start makes `deploy/.venv`. It
prints a line a process, with its address and id, and ends them all with Ctrl-C. The same `langgraph.json` as ever.
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
VENV = HERE / ".venv"
READY_WITHIN_S = 90.0


def main() -> None:
    """Start the nodes and stay until they are to end."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--workers", type=int, default=2)
    asked.add_argument("--jobs", type=int, default=16, help="documents in flight a worker")
    asked.add_argument("--port", type=int, default=2026, help="the front's; 0 takes a free one")
    asked.add_argument("--database", default="postgresql://127.0.0.1:5432/autodata", help="for the ledger")
    asked.add_argument("--server-database", default="postgresql://127.0.0.1:5432/aegra", help="for Aegra's tables")
    asked.add_argument("--redis", default="redis://127.0.0.1:6379/0")
    asked.add_argument("--lease", type=int, default=30, help="seconds until a dead worker's documents move on")
    asked.add_argument("--logs", type=Path, default=HERE / "logs")
    given = asked.parse_args()
    if sys.version_info < (3, 12):
        sys.exit("cluster: Aegra needs Python 3.12 or newer; start this script with one")
    for url, default in ((given.database, 5432), (given.server_database, 5432), (given.redis, 6379)):
        _answers(url, default)
    nodes: list[subprocess.Popen[bytes]] = []
    for sign in (signal.SIGINT, signal.SIGTERM):  # also where the shell that started it ignores Ctrl-C
        signal.signal(sign, signal.default_int_handler)
    try:
        run(given, _python(), nodes)
    except KeyboardInterrupt:
        pass
    finally:
        for node in nodes:
            node.terminate()


def run(given: argparse.Namespace, python: Path, nodes: "list[subprocess.Popen[bytes]]") -> None:
    """Start the front, then the workers, and wait."""
    given.logs.mkdir(parents=True, exist_ok=True)
    for number in range(given.workers + 1):
        name = f"worker {number}" if number else "front"
        port = _free_port() if number or not given.port else given.port
        with (given.logs / f"{name.replace(' ', '')}.log").open("wb") as log:
            command = [str(python), "-m", "uvicorn", "aegra_api.main:app", "--port", str(port)]
            environment = {**os.environ, **_environment(given, worker=bool(number))}
            node = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        nodes.append(node)
        _wait_until_ready(port, node, log.name)
        print(f"{name} http://127.0.0.1:{port} process {node.pid}", flush=True)
    while True:
        time.sleep(1)


def _environment(given: argparse.Namespace, worker: bool) -> dict[str, str]:
    """What tells a node where everything is and what it is."""
    return {
        "DATABASE_URL": given.server_database,
        "AUTODATA_DATABASE_URL": given.database.replace("postgresql://", "postgresql+psycopg://", 1),
        "REDIS_BROKER_ENABLED": "true",
        "REDIS_URL": given.redis,
        "AEGRA_CONFIG": "langgraph.json",
        "PYTHONPATH": str(ROOT),
        "AUTODATA_WORKERS": str(given.workers),
        "WORKER_COUNT": "1" if worker else "0",
        "N_JOBS_PER_WORKER": str(given.jobs),
        "RUN_MIGRATIONS_ON_STARTUP": "false" if worker else "true",
        # A worker says every third of the lease that it lives; after the lease its documents are another's.
        "LEASE_DURATION_SECONDS": str(given.lease),
        "HEARTBEAT_INTERVAL_SECONDS": str(max(given.lease // 3, 1)),
        "REAPER_INTERVAL_SECONDS": str(max(given.lease // 3, 1)),
        # What a worker had taken from the queue and not yet begun when it died is queued again after this time.
        "STUCK_PENDING_THRESHOLD_SECONDS": str(2 * given.lease),
        "CRON_ENABLED": "false",
        "LOG_LEVEL": "WARNING",
    }


def _python() -> Path:
    """The Python of the cluster's own environment, made with the first start."""
    python = VENV / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
        needed = ["-r", str(HERE / "requirements.txt"), "-e", f"{ROOT}[postgres]"]
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *needed], check=True)
    return python


def _answers(url: str, default_port: int) -> None:
    """Exit, with the address, if nothing listens there."""
    place = urlsplit(url)
    try:
        socket.create_connection((place.hostname or "127.0.0.1", place.port or default_port), timeout=2).close()
    except OSError:
        sys.exit(f"cluster: nothing answers at {place.hostname}:{place.port or default_port}; start it first")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait_until_ready(port: int, node: "subprocess.Popen[bytes]", log: str) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline and node.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2).close()
            return
        except OSError:
            time.sleep(0.2)
    sys.exit(f"cluster: a node did not start; see {log}")


if __name__ == "__main__":
    main()

"""The project's own LangGraph server, as `langgraph dev` starts it, for as long as a block runs."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import ROOT


class Server(NamedTuple):
    """A server that runs."""

    url: str
    process: "subprocess.Popen[bytes]"
    log: Path


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def langgraph_dev(home: Path, *options: str, port: int = 0, **environment: str) -> Iterator[Server]:
    """Start it from `langgraph.json`, with no key and with its files in `home`; it is killed at the end."""
    port = port or free_port()
    command = [sys.executable, "-m", "langgraph_cli", "dev", "--no-browser", "--no-reload", "--port", str(port)]
    given = {key: value for key, value in os.environ.items() if "KEY" not in key and "DATABASE" not in key}
    given |= {"AUTODATA_HOME": str(home), "LANGSMITH_TRACING": "false", **environment}
    log = home / "server.log"
    home.mkdir(parents=True, exist_ok=True)
    with (
        log.open("ab") as out,
        subprocess.Popen([*command, *options], cwd=ROOT, env=given, stdout=out, stderr=out) as process,
    ):
        try:
            _wait_until_ready(f"http://127.0.0.1:{port}/ok", process)
            yield Server(f"http://127.0.0.1:{port}", process, log)
        finally:
            process.kill()


def _wait_until_ready(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail("langgraph dev did not start")

"""`langgraph dev` with no key and no network: a thread over HTTP, to its verdict, and its history."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from langgraph_sdk import get_client

from tests.conftest import ROOT, models_at

DOCUMENT = {"title": "Queues", "text": "Queues trade latency against throughput. " * 30}


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def langgraph_dev(home: Path) -> Iterator[str]:
    """The project's server, from its own langgraph.json, for as long as the block runs."""
    port = free_port()
    langgraph = str(Path(sys.executable).parent / "langgraph")
    command = [langgraph, "dev", "--no-browser", "--no-reload", "--port", str(port)]
    environment = {key: value for key, value in os.environ.items() if "KEY" not in key}
    environment |= {"AUTODATA_HOME": str(home), "LANGSMITH_TRACING": "false"}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            _wait_until_ready(f"http://127.0.0.1:{port}/ok", process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


def _wait_until_ready(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail("langgraph dev did not start")


async def test_a_document_runs_on_the_server_to_its_verdict(simulator: str, tmp_path: Path) -> None:
    with langgraph_dev(tmp_path) as url:
        client = get_client(url=url)
        context: Any = {"domain": "cs_research", "models": models_at(simulator)}
        assistant = await client.assistants.create("self_instruct", context=context)
        schemas: Any = await client.assistants.get_schemas(assistant["assistant_id"])
        thread = await client.threads.create()
        given: Any = {"document": DOCUMENT}
        result: Any = await client.runs.wait(thread["thread_id"], assistant["assistant_id"], input=given)
        history = await client.threads.get_history(thread["thread_id"], limit=1000)
    assert {"domain", "policy", "models", "attempts", "limits"} <= set(schemas["context_schema"]["properties"])
    assert set(schemas["input_schema"]["properties"]) == {"document"}
    assert result["verdict"] == "accepted"
    assert set(result) == {"verdict", "item", "rounds"}
    visited = [snapshot["next"][0] for snapshot in reversed(history) if snapshot["next"]]
    assert visited[:4] == ["__start__", "orchestrate", "challenge", "verify_quality"]
    assert visited[-1] == "accept"
    assert len([node for node in visited if node == "challenge"]) == len(result["rounds"])


async def test_threads_survive_the_end_of_the_server(simulator: str, tmp_path: Path) -> None:
    context: Any = {"domain": "cs_research", "models": models_at(simulator)}
    with langgraph_dev(tmp_path) as url:
        client = get_client(url=url)
        thread = await client.threads.create()
        given: Any = {"document": DOCUMENT}
        before: Any = await client.runs.wait(thread["thread_id"], "self_instruct", input=given, context=context)
    with langgraph_dev(tmp_path) as url:
        client = get_client(url=url)
        await client.threads.create(
            thread_id=thread["thread_id"], if_exists="do_nothing", graph_id="self_instruct"
        )
        state = await client.threads.get_state(thread["thread_id"])
    values: Any = state["values"]
    assert values["verdict"] == before["verdict"] == "accepted"
    assert values["item"] == before["item"]

"""Trace files: whole lines, no key in them, nothing lost that had ended, and no network without a key."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.runnables import RunnableLambda

from autodata.tracing.files import TraceFiles, blotter, file_name
from autodata.tracing.sink import KEY, TRACES, traced
from autodata.tracing.source import LocalTraces
from tests.conftest import ROOT, config_file, simulated, write_papers

SECRET = "sk-live-4242"


def run(document: str, name: str = "self_instruct", **more: Any) -> dict[str, Any]:
    id = f"01a1fe7d-0000-7000-8000-{abs(hash((document, name))) % 10**12:012d}"
    begun = {"start_time": "2026-01-01T00:00:00+00:00", "end_time": "2026-01-01T00:00:01+00:00"}
    order = f"20260101T000000000000Z{id}"
    place = {"id": id, "trace_id": id, "dotted_order": order, "name": name, "run_type": "chain", "tags": []}
    return {**place, **begun, "inputs": {}, "outputs": {}, "extra": {"metadata": {"document": document}}, **more}


@given(st.text(max_size=100))
def test_a_document_s_file_stays_in_the_folder(document: str) -> None:
    name = file_name(run(document))
    assert Path(name).name == name and not name.startswith(".") and name.endswith(".jsonl")


Json = st.recursive(
    st.none() | st.integers() | st.text(max_size=8) | st.just(f"before {SECRET} after"),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4) | st.just(SECRET), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(Json)
def test_a_secret_is_blotted_out_wherever_it_stands(value: Any) -> None:
    blotted = blotter([SECRET, ""])(value)
    assert SECRET not in json.dumps(blotted)
    if SECRET not in json.dumps(value):
        assert blotted == value


async def test_a_line_cut_off_by_a_kill_spoils_no_other(tmp_path: Path) -> None:
    files = TraceFiles(tmp_path, blotter([]))
    files.put(run("d"))
    files.close()
    path = tmp_path / "d.jsonl"
    path.write_bytes(path.read_bytes() + b'{"id": "half of a li')
    files = TraceFiles(tmp_path, blotter([]))
    files.put(run("d", "again"))
    files.close()
    assert {root.name for root in await LocalTraces(tmp_path).roots()} == {"self_instruct", "again"}


def _plus_one(value: int) -> int:
    return value + 1


def test_without_a_key_there_is_no_connection_and_no_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(KEY, raising=False)

    opened: list[object] = []

    def refuse(*place: object) -> None:
        opened.append(place)
        raise OSError("no network here")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    started = time.monotonic()
    with traced(tmp_path):
        RunnableLambda(_plus_one, name="add").invoke(1)
    assert time.monotonic() - started < 2 and not opened
    [line] = [json.loads(line) for path in tmp_path.glob("*.jsonl") for line in path.read_text().splitlines()]
    assert line["name"] == "add" and line["status"] == "success" and line["outputs"] == {"output": 2}


async def test_a_failure_is_in_the_trace_without_the_key(tmp_path: Path) -> None:
    def fail(_: object) -> None:
        raise ValueError(f"the server said: {SECRET} is wrong")

    with pytest.raises(ValueError), traced(tmp_path, [SECRET]):
        await RunnableLambda(fail).ainvoke(1)
    [text] = [path.read_text() for path in tmp_path.glob("*.jsonl")]
    assert "[key] is wrong" in text and SECRET not in text
    assert json.loads(text)["status"] == "error"


def test_a_killed_run_keeps_its_finished_documents(tmp_path: Path) -> None:
    papers = write_papers(tmp_path / "papers", 16)
    with simulated("--latency-ms", "20") as url:
        config = config_file(tmp_path, url, "[limits]\nconcurrency = 4")
        out = tmp_path / "out"
        command = [sys.executable, "-m", "app", "run", papers, "--out", out, "--config", config, "--trace"]
        process = subprocess.Popen([*map(str, command)], cwd=ROOT, stdout=subprocess.DEVNULL, env=os.environ)
        deadline = time.monotonic() + 20
        while len(asyncio.run(LocalTraces(out / TRACES).roots())) < 4 and time.monotonic() < deadline:
            time.sleep(0.05)
        seen = {root.id for root in asyncio.run(LocalTraces(out / TRACES).roots())}
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert len(seen) >= 4, "they can be read while they are written"
        kept = asyncio.run(LocalTraces(out / TRACES).roots())
        assert seen <= {root.id for root in kept}
        finished = subprocess.run([*map(str, command)], cwd=ROOT, capture_output=True, check=False)
        assert finished.returncode == 0, finished.stderr
    source = LocalTraces(out / TRACES)
    roots = asyncio.run(source.roots())
    documents = {str(root.metadata["document"]) for root in roots}
    assert len(documents) == 16
    calls = [call for root in roots for call in asyncio.run(source.trace(root.id)).calls]
    assert any(call.replayed and call.answered and call.tokens[1] for call in calls), (
        "replays are shown, and marked"
    )
    assert any(not call.replayed for call in calls)

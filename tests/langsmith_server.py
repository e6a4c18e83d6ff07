"""The part of LangSmith's HTTP API that tracing uses, on loopback: what the real client sends, and reads back."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

PROJECT = "5f3c9f0e-0000-4000-8000-000000000001"
PAGE = 9
"""Runs a page at most, so that every reader has to turn pages."""
_CONDITION = re.compile(r'eq\(metadata_key, "((?:[^"\\]|\\.)*)"\), eq\(metadata_value, "((?:[^"\\]|\\.)*)"\)')


class LangSmithServer(ThreadingHTTPServer):
    """Keeps what it is sent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.runs: dict[str, dict[str, Any]] = {}
        self.project = ""
        self.paths: list[str] = []
        self.bodies: list[str] = []
        self.keys: set[str | None] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def batch(self, body: dict[str, Any]) -> None:
        """Take runs in; the client sends from several threads, so an end may arrive before its beginning."""
        for run, ended in [
            *((run, False) for run in body.get("post", [])),
            *((run, True) for run in body.get("patch", [])),
        ]:
            self.project = run.get("session_name") or self.project
            kept = self.runs.setdefault(run["id"], {"feedback_stats": {}})
            told = {key: value for key, value in run.items() if value is not None}
            kept.update(told if ended else {**told, **kept})

    def feedback(self, body: dict[str, Any]) -> None:
        stats: dict[str, Any] = {"n": 1, "avg": body.get("score")}
        if body.get("value") is not None:
            stats["values"] = {body["value"]: 1}
        self.runs[body["run_id"]]["feedback_stats"][body["key"]] = stats

    def query(self, body: dict[str, Any]) -> dict[str, Any]:
        assert body["project_ids"] == [PROJECT] and "min_start_time" in body
        found = sorted(filter(lambda run: _matches(run, body), self.runs.values()), key=_order, reverse=True)
        start = int(body.get("cursor") or 0)
        end = start + min(PAGE, body["page_size"])
        more = str(end) if end < len(found) else None
        return {"items": [_selected(run, body["selects"]) for run in found[start:end]], "next_cursor": more}


def _order(run: dict[str, Any]) -> str:
    return str(run["dotted_order"])


def _matches(run: dict[str, Any], body: dict[str, Any]) -> bool:
    if body.get("is_root") and run.get("parent_run_id"):
        return False
    if body.get("trace_id") not in (None, run["trace_id"]):
        return False
    metadata = run["extra"]["metadata"]
    wanted = [
        (json.loads(f'"{k}"'), json.loads(f'"{v}"')) for k, v in _CONDITION.findall(body.get("filter") or "")
    ]
    return all(str(metadata.get(key)) == value for key, value in wanted)


def _selected(run: dict[str, Any], selects: list[str]) -> dict[str, Any]:
    status = "PENDING" if not run.get("end_time") else "ERROR" if run.get("error") else "SUCCESS"
    whole = {**run, "run_type": run["run_type"].upper(), "status": status, "metadata": run["extra"]["metadata"]}
    return {key.lower(): whole[key.lower()] for key in selects if whole.get(key.lower()) is not None}


class _Handler(BaseHTTPRequestHandler):
    server: LangSmithServer

    def do_GET(self) -> None:
        self.server.paths.append(self.path)
        asked = urlsplit(self.path)
        if asked.path == "/info":
            sizes = {"size_limit": 100, "size_limit_bytes": 20_000_000, "scale_up_qsize_trigger": 1_000}
            threads = {"scale_up_nthreads_limit": 4, "scale_down_nempty_trigger": 4}
            batches = {"use_multipart_endpoint": False, **sizes, **threads}
            self._answer({"version": "0.18.0", "batch_ingest_config": batches})
        elif asked.path == "/sessions":
            known = parse_qs(asked.query)["name"] == [self.server.project]
            about = {"id": PROJECT, "name": self.server.project, "start_time": "2026-01-01T00:00:00Z"}
            self._answer([{**about, "tenant_id": PROJECT, "reference_dataset_id": None}] if known else [])
        else:
            self._answer({}, 404)

    def do_POST(self) -> None:
        self.server.paths.append(self.path)
        self.server.keys.add(self.headers.get("x-api-key"))
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.bodies.append(text)
        body = json.loads(text)
        if self.path == "/runs/batch":
            self.server.batch(body)
            self._answer({})
        elif self.path == "/feedback":
            self.server.feedback(body)
            self._answer({})
        elif self.path == "/api/v2/runs/query":
            self._answer(self.server.query(body))
        else:
            self._answer({}, 404)

    def _answer(self, body: Any, status: int = 200) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def langsmith_server() -> Iterator[LangSmithServer]:
    """A server, for as long as the block runs."""
    server = LangSmithServer()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()

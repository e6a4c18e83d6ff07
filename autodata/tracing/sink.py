"""Where traces go: each finished run to a file of its document, and on to LangSmith where a key is set."""

import logging
import os
import threading
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from langsmith import Client, tracing_context
from langsmith.utils import LangSmithError

from autodata.tracing.files import TraceFiles, blotter
from autodata.tracing.method import Run
from autodata.tracing.shape import Shaper

TRACES = "traces"
"""The folder of a run directory that holds them."""
KEY = "LANGSMITH_API_KEY"
PASS_ON_WAIT_S = 10.0
"""How long the end of a run waits until LangSmith has what was passed on."""

_log = logging.getLogger(__name__)


class TraceClient(Client):
    """A LangSmith client that keeps every run in local files, and passes it on only where a key is set.

    What it keeps and passes on is the method's tree (`shape.py`). Without a key it opens no connection.
    """

    def __init__(self, folder: Path, secrets: Collection[str] = ()) -> None:
        """Open the folder.

        Args:
            folder: where the traces go, a JSON Lines file a document.
            secrets: texts that must not leave the process; they are blotted out wherever they occur.
        """
        key = os.environ.get(KEY, "")
        self.project = os.environ.get("LANGSMITH_PROJECT") or "autodata"
        self.passes_on = bool(key)
        blot = blotter([*secrets, key])
        if self.passes_on:
            super().__init__(anonymizer=blot, omit_traced_runtime_info=True)
        else:
            super().__init__(api_url="http://127.0.0.1", api_key="", auto_batch_tracing=False)
        self._shaper = Shaper()
        self._shaping = threading.Lock()
        self._files = TraceFiles(folder, blot)
        self._scoring = ThreadPoolExecutor(1, "scores")
        self._project_id: Any = None
        self._refusal = ""

    def create_run(self, name: str, inputs: dict[str, Any], run_type: Any, **more: Any) -> None:
        """A run has begun."""
        with self._shaping:
            began = self._shaper.begin({"name": name, "inputs": inputs, "run_type": run_type, **more})
        if self.passes_on:
            for run in began:
                super().create_run(**_own(run))

    def update_run(self, run_id: Any, **more: Any) -> None:
        """A run has ended: it is written in full."""
        with self._shaping:
            ended = self._shaper.end({"id": run_id, **more})
        for run in ended:
            self._files.put(run)
            if self.passes_on:
                self._pass_on(run)

    def tracing(self) -> AbstractContextManager[None]:
        """The time in which everything that runs in this context is traced."""
        return tracing_context(enabled=True, client=self, project_name=self.project)

    def settled(self) -> None:
        """Wait until all runs that have ended can be read."""
        self._files.settled()

    def close(self, timeout: float | None = PASS_ON_WAIT_S) -> None:
        """Write what is left; wait a while until what was passed on has arrived."""
        self._files.close()
        self._scoring.shutdown(wait=True)
        if self._refusal:
            _log.warning("LangSmith did not take all scores: %s", self._refusal)
        super().close(timeout)

    def _pass_on(self, run: Run) -> None:
        """Complete a run at LangSmith, and score it there."""
        update = _own(run)
        stats = update.pop("feedback_stats", None)
        super().update_run(update.pop("id"), **update)
        if stats and self.otel_exporter is None:  # OpenTelemetry has no scores
            self._scoring.submit(self._score, run)

    def _score(self, run: Run) -> None:
        """Send a root's scores; LangSmith wants the project's id with them, and has one once a run arrived."""
        if self._refusal:  # waiting again for each document would hold up the end of the run
            return
        try:
            if self._project_id is None:
                self.flush(PASS_ON_WAIT_S)
                self._project_id = self.read_project(project_name=self.project).id
            for key, stats in run["feedback_stats"].items():
                self.create_feedback(
                    trace_id=run["id"],
                    key=key,
                    score=stats["avg"],
                    value=next(iter(stats.get("values", {})), None),
                    session_id=self._project_id,
                    stop_after_attempt=2,
                )
        except (LangSmithError, ValueError) as problem:  # no answer, or one that is none of LangSmith's
            self._refusal = str(problem)


def _own(run: Run) -> Run:
    """A copy that LangSmith's client may change, with what it asks for."""
    kept = {key: value for key, value in run.items() if key != "status"}
    return {**kept, "extra": {**run["extra"], "metadata": dict(run["extra"]["metadata"])}}


@contextmanager
def traced(folder: Path, secrets: Collection[str] = ()) -> Iterator[None]:
    """Trace everything that runs in the block."""
    client = TraceClient(folder, secrets)
    try:
        with client.tracing():
            yield
    finally:
        client.close()

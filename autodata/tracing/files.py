"""Trace files: finished runs appended to a JSON Lines file a document, by one thread, readable meanwhile."""

import queue
import re
import threading
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import orjson

from autodata.schemas import fingerprint
from autodata.tracing.method import Run

_FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}")
_BLOTTED = "[key]"

Blot = Callable[[Any], Any]


class TraceFiles:
    """Appends runs to the files of their documents; what was put reaches the system's cache within moments."""

    def __init__(self, folder: Path, blot: Blot) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._blot = blot
        self._begun: set[str] = set()
        self._queue: queue.SimpleQueue[Run | threading.Event | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="traces", daemon=True)
        self._thread.start()

    def put(self, run: Run) -> None:
        """Write a run soon; nothing is waited for."""
        self._queue.put(run)

    def settled(self) -> None:
        """Wait until everything put so far is written."""
        written = threading.Event()
        self._queue.put(written)
        written.wait()

    def close(self) -> None:
        """Write what is left and end the thread."""
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join()

    def _run(self) -> None:
        """Take all that is waiting and append it, file by file; until None comes."""
        going = True
        while going:
            group = [self._queue.get()]
            while not self._queue.empty():
                group.append(self._queue.get())
            going = None not in group
            lines: dict[str, list[bytes]] = {}
            for run in group:
                if isinstance(run, dict):
                    lines.setdefault(file_name(run), []).append(self._line(run))
            for name, texts in lines.items():
                self._append(name, b"".join(texts))
            for waiter in group:
                if isinstance(waiter, threading.Event):
                    waiter.set()

    def _append(self, name: str, text: bytes) -> None:
        """One write; a session killed in the middle of a line must not spoil the next one's first."""
        path = self._folder / name
        with path.open("ab", buffering=0) as file:
            if name not in self._begun and file.tell():
                text = b"\n" + text
            self._begun.add(name)
            file.write(text)

    def _line(self, run: Run) -> bytes:
        plain = orjson.loads(orjson.dumps(run, default=str, option=orjson.OPT_NON_STR_KEYS))
        return orjson.dumps(self._blot(plain), option=orjson.OPT_APPEND_NEWLINE)


def file_name(run: Run) -> str:
    """The file of a run's document; of its trace if it belongs to none."""
    document = str(run["extra"]["metadata"].get("document") or run["trace_id"])
    return f"{document if _FILE_NAME.fullmatch(document) else fingerprint(document)[:16]}.jsonl"


def blotter(secrets: Collection[str]) -> Blot:
    """What copies data with every secret in it replaced, wherever it stands."""
    known = [re.escape(secret) for secret in secrets if secret]
    if not known:
        return lambda value: value
    pattern = re.compile("|".join(known))

    def blot(value: Any) -> Any:
        if isinstance(value, str):
            return pattern.sub(_BLOTTED, value)
        if isinstance(value, Mapping):
            return {blot(key): blot(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [blot(inner) for inner in value]
        return value

    return blot

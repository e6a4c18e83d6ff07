"""Asks the worker processes whether answers are equivalent; an answer that breaks one is undecided."""

import asyncio
import contextlib
import json
import os
import sys
from pathlib import Path
from typing import Any

WORKERS = max(1, min(4, (os.cpu_count() or 2) // 2))
CPU_S = 2
"""For one comparison; what takes longer is undecided."""
MAX_CHARS = 600
"""A longer answer is none of the short ones that are asked for, and is not looked at."""
PATIENCE_S = 60.0
"""Longer than a worker gives a comparison; one that is silent for this long is ended."""

_ROOT = Path(__file__).parents[3]


class Comparer:
    """A few worker processes, started with the first question."""

    def __init__(self, workers: int = WORKERS, cpu_s: int = CPU_S) -> None:
        self._cpu_s = cpu_s
        self._workers: asyncio.LifoQueue[asyncio.subprocess.Process | None] = asyncio.LifoQueue()
        for _ in range(workers):
            self._workers.put_nowait(None)
        self._started: set[asyncio.subprocess.Process] = set()

    async def compare(self, reference: str, answer: str) -> str:
        """`equal`, `different` or `undecided`."""
        if len(answer) > MAX_CHARS:
            return "undecided"
        return await self._ask("compare", reference, answer) or "undecided"

    async def is_integer(self, text: str) -> bool | None:
        """Whether an answer comes down to an integer; None if that takes too long to tell."""
        found = await self._ask("is_integer", text)
        return None if found is None else bool(found)

    async def close(self) -> None:
        """End the workers."""
        for process in [*self._started]:
            await self._end(process)

    async def _ask(self, *question: str) -> Any:
        """A worker's answer; None if there is none."""
        process = await self._workers.get()
        line = b""
        try:
            if process is None or process.returncode is not None:
                process = await self._start()
            assert process.stdin is not None and process.stdout is not None
            process.stdin.write(json.dumps(question).encode() + b"\n")
            line = await asyncio.wait_for(process.stdout.readline(), PATIENCE_S)
            return json.loads(line)
        except (TimeoutError, OSError, ValueError):
            return None
        finally:
            if process is not None and not line:  # a late answer would be taken for the next question's
                await self._end(process)
            self._workers.put_nowait(process)

    async def _start(self) -> asyncio.subprocess.Process:
        # No environment: a formula needs no keys.
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "autodata.verifiers.symbolic.worker",
            str(self._cpu_s),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=_ROOT,
            env={},
        )
        self._started.add(process)
        return process

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        self._started.discard(process)
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()

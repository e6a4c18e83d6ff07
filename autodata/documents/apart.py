"""Reads files in a process of its own, so that a hostile one cannot hang or take down the run."""

import asyncio
import json
import signal
import sys
from asyncio.subprocess import PIPE, Process

from autodata.documents.formats import Reading, Unreadable

READ_SECONDS = 30.0
"""Processor time that reading one file may take."""
_ANSWER_BYTES = 256 * 1024 * 1024
"""The longest answer there can be: a text of the worker's TEXT_CHARS, escaped."""


class Apart:
    """A worker process, started with the first file, and again after a file that it did not survive."""

    def __init__(self, seconds: float = READ_SECONDS) -> None:
        self._seconds = seconds
        self._process: Process | None = None

    async def read(self, path: str) -> Reading:
        """The reading of a file; Unreadable if it has none, or reading it went beyond the limits."""
        process = self._process = self._process or await _started(self._seconds)
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(json.dumps(path).encode() + b"\n")
        try:
            await process.stdin.drain()
            line = await process.stdout.readline()
        except (BrokenPipeError, ConnectionResetError):
            line = b""
        except asyncio.CancelledError:
            await self.close()  # its answer would be taken for the next file's
            raise
        if not line:
            self._process = None
            raise Unreadable(self._fate(await process.wait()))
        answer = json.loads(line)
        if "unreadable" in answer:
            raise Unreadable(answer["unreadable"])
        return Reading(answer["title"], answer["text"])

    def _fate(self, status: int) -> str:
        """What a file did to the process that read it, by the process's exit status."""
        if status == -signal.SIGPROF:
            return f"takes longer to read than READ_SECONDS ({self._seconds:g} s of processor time)"
        return "broken: it crashed the program that reads its format"

    async def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            await process.wait()


async def _started(seconds: float) -> Process:
    """A new worker, in a session of its own: Ctrl-C is for the run, which then ends its worker."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "autodata.documents.worker", str(seconds)),
        stdin=PIPE,
        stdout=PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=_ANSWER_BYTES,
        start_new_session=True,
    )

"""Embedded models: one server process a model file, started when first needed, ended with the run."""

import asyncio
import contextlib
import sys
from asyncio.subprocess import PIPE, Process

from autodata.errors import EndpointError, UsageError
from autodata.models.local_files import model_file

_READY_WITHIN_S = 120.0


class LocalServers:
    """The servers of one process, by model."""

    def __init__(self) -> None:
        self._running: dict[str, tuple[Process, str]] = {}
        self._starting = asyncio.Lock()

    async def address(self, model: str) -> str:
        """The base URL of a model's server, started and waited for if it does not run.

        Raises:
            UsageError: if the model's file cannot be had, or the extra `local` is not installed.
            EndpointError: if the server does not start.
        """
        async with self._starting:
            process, url = self._running.get(model, (None, ""))
            if process is None or process.returncode is not None:
                path = await asyncio.to_thread(model_file, model)
                process, url = await _start(str(path))
                self._running[model] = (process, url)
            return url

    async def close(self) -> None:
        """End all servers."""
        for process, _ in self._running.values():
            if process.returncode is None and process.stdin is not None:
                process.stdin.close()
        for process, _ in self._running.values():
            try:
                await asyncio.wait_for(process.wait(), timeout=5)
            except TimeoutError:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
        self._running.clear()


async def _start(path: str) -> tuple[Process, str]:
    """Start a server and wait for the address that it prints when it is ready."""
    command = (sys.executable, "-m", "autodata.models.local_server", path)
    # Its own session: a Ctrl-C in the terminal is for the run, which then ends the server.
    process = await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=PIPE, stderr=PIPE, start_new_session=True
    )
    assert process.stdout is not None and process.stderr is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), timeout=_READY_WITHIN_S)
    except TimeoutError:
        process.kill()
        raise EndpointError(f"the embedded model {path} was not ready within {_READY_WITHIN_S:g} s") from None
    if not line.startswith(b"http"):
        said = (await process.stderr.read()).decode("utf-8", "replace").strip().splitlines()
        if any("No module named 'xllamacpp'" in text for text in said):
            raise UsageError("embedded models need the extra `local`: pip install 'autodata[local]'")
        raise EndpointError(f"the embedded model {path} does not start: {said[-1] if said else 'no message'}")
    asyncio.get_running_loop().create_task(_drain(process))
    return process, f"{line.decode().strip()}/v1"


async def _drain(process: Process) -> None:
    """Read what the server says, so that it never waits for a reader."""
    assert process.stdout is not None and process.stderr is not None
    await asyncio.gather(process.stdout.read(), process.stderr.read())

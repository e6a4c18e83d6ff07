"""Runs programs that a model wrote: no files, network or environment, and limits of time and memory."""

import asyncio
from typing import Any, NamedTuple

from pydantic_monty import AsyncMonty, CollectString, MontyError, ResourceLimits

LIMITS: ResourceLimits = {
    "max_feed_duration_secs": 2.0,
    "max_memory": 64 * 1024 * 1024,
    "max_recursion_depth": 200,
}
CLOSING_S = 0.05
MAX_PROGRAM_CHARS = 20_000
MAX_OUTPUT_BYTES = 64 * 1024


class Outcome(NamedTuple):
    """What a program left behind: the value asked for, or why there is none."""

    value: Any
    error: str | None


class Sandbox:
    """A pool of interpreter processes, started with the first program."""

    def __init__(self, processes: int = 2) -> None:
        self._processes = processes
        self._pool: AsyncMonty | None = None
        self._starting = asyncio.Lock()

    async def run(self, program: str, name: str = "answer", seconds: float | None = None) -> Outcome:
        """Run a program and read a variable, or evaluate an expression; only an Outcome comes back."""
        if len(program) > MAX_PROGRAM_CHARS:
            return Outcome(None, f"the program is longer than {MAX_PROGRAM_CHARS} characters")
        pool = await self._started()
        limits: ResourceLimits = {**LIMITS, "max_feed_duration_secs": seconds} if seconds else LIMITS
        try:
            async with pool.checkout(
                limits=limits, os_policy={"sleep": "zero", "random_start": {"seed": 0}}
            ) as session:
                await session.feed_run(program, print_callback=CollectString(MAX_OUTPUT_BYTES))
                return Outcome(await session.feed_run(name), None)
        except MontyError as problem:
            return Outcome(None, " ".join(str(problem).split())[:200])

    async def close(self) -> None:
        """End the interpreter processes."""
        if self._pool is not None:
            await self._pool.__aexit__(None, None, None)
            self._pool = None
            # Its threads hand over their last results after this returns; a process that ends within the next
            # milliseconds is aborted by them (PyO3/pyo3-async-runtimes issue 40).
            await asyncio.sleep(CLOSING_S)

    async def _started(self) -> AsyncMonty:
        async with self._starting:
            if self._pool is None:
                pool = AsyncMonty(max_processes=self._processes, request_timeout=10.0)
                self._pool = await pool.__aenter__()
            return self._pool

"""Runs programs that a model wrote: no files, network or environment, and limits of time and memory."""

import ast
import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from pydantic_monty import CollectString, Monty, MontyError, ResourceLimits

LIMITS: ResourceLimits = {
    "max_feed_duration_secs": 2.0,
    "max_memory": 64 * 1024 * 1024,
    "max_recursion_depth": 200,
}
MAX_PROGRAM_CHARS = 20_000
MAX_OUTPUT_BYTES = 64 * 1024
MAX_VALUE_CHARS = 64 * 1024
"""The longest value that is read back, as Python writes it."""
_READ = "value_to_read_back"


class Outcome(NamedTuple):
    """What a program left behind: the value asked for, or why there is none."""

    value: Any
    error: str | None


class Sandbox:
    """A pool of interpreter processes, started with the first program."""

    def __init__(self, processes: int = 2) -> None:
        self._processes = processes
        self._pool: Monty | None = None
        # Threads of ours: with the pool's own asyncio form Python's exit aborts now and then, because the pool's
        # threads may still hold a result by then.
        self._threads = ThreadPoolExecutor(processes, thread_name_prefix="sandbox")
        self._starting = asyncio.Lock()

    async def run(self, program: str, name: str = "answer", seconds: float | None = None) -> Outcome:
        """Run a program and read a variable, or evaluate an expression; only an Outcome comes back."""
        if len(program) > MAX_PROGRAM_CHARS:
            return Outcome(None, f"the program is longer than {MAX_PROGRAM_CHARS} characters")
        pool = await self._started()
        limits: ResourceLimits = {**LIMITS, "max_feed_duration_secs": seconds} if seconds else LIMITS
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, _run, pool, program, name, limits)

    async def close(self) -> None:
        """End the interpreter processes."""
        if self._pool is not None:
            await asyncio.to_thread(self._pool.__exit__, None, None, None)
            self._pool = None

    async def _started(self) -> Monty:
        async with self._starting:
            if self._pool is None:
                pool = Monty(max_processes=self._processes, request_timeout=10.0)
                self._pool = await asyncio.to_thread(pool.__enter__)
            return self._pool


def _run(pool: Monty, program: str, name: str, limits: ResourceLimits) -> Outcome:
    """Run a program in an interpreter of its own."""
    try:
        with pool.checkout(limits=limits, os_policy={"sleep": "zero", "random_start": {"seed": 0}}) as session:
            session.feed_run(program, print_callback=CollectString(MAX_OUTPUT_BYTES))
            # As a short text: an object from in there can be deeper than the stack here holds. A format needs no
            # name that the program could have put in its place.
            session.feed_run(f"{_READ} = ({name}\n)")
            return _value(str(session.feed_run(f'f"{{{_READ}!r:.{MAX_VALUE_CHARS + 1}}}"')))
    except MontyError as problem:
        return Outcome(None, _one_line(str(problem)))


def _value(text: str) -> Outcome:
    """The value that a text is written for: a number, text, truth, or a tuple, list or dictionary of them."""
    try:
        if len(text) <= MAX_VALUE_CHARS:
            return Outcome(ast.literal_eval(_Numbers().visit(ast.parse(text, mode="eval"))), None)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        pass
    return Outcome(None, f"its value cannot be read: {_one_line(text)}")


def _one_line(text: str) -> str:
    """What a program made Python say, short and without what a terminal would obey."""
    return "".join(letter if letter.isprintable() else " " for letter in " ".join(text.split()))[:200]


class _Numbers(ast.NodeTransformer):
    """Takes `inf` and `nan`, which Python writes for numbers that have no literal, for what they mean."""

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Constant(float(node.id)) if node.id in ("inf", "nan") else node

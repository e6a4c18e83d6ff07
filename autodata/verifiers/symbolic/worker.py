"""Compares answers in a process of its own: each question in a fork with limits of time and memory.

Started by `comparing.py` with an empty environment. Reads a JSON array a line, `["compare", reference, answer]` or
`["is_integer", text]`, and answers each with a line: the result, or null if the fork hit a limit or broke.
"""

import contextlib
import gc
import json
import os
import resource
import select
import signal
import sys
from collections.abc import Callable, Mapping

from autodata.verifiers.symbolic.equivalence import compare, is_integer
from autodata.verifiers.symbolic.formulas import parsed

WALL_S = 30.0
MEMORY_BYTES = 1024**3

_TYPICAL = (
    r"\frac{1}{2} m v^{2} \left(1 + \frac{a_{1}}{b}\right)^{n-1}",
    r"-\frac{3 a^{3}}{4}\ln\frac{a}{a+b} + \sqrt{x^2+1}\, e^{-t/\tau}",
    r"k_B T \ln(2) \sin^2\theta \cos(\omega t) \cdot \pi",
    r"\sum_{k=1}^{n} k + \int_0^1 x^2 dx + |x| + n!",
    r"\{1, \frac{1}{2}\}",
    r"\begin{pmatrix}1 & 0\\ x & 2\end{pmatrix}",
    r"[0, \infty) \cup (-1, 2)",
    r"x^2 + 2*y^2 \le 3/4",
)
_KNOWN: Mapping[str, Callable[..., str | bool]] = {"compare": compare, "is_integer": is_integer}


def main(cpu_s: int) -> None:
    """Answer until the input ends; the limit is of processor time, so that a busy machine decides the same."""
    for formula in _TYPICAL:  # what the grammar has cached by now is there in every fork
        parsed(formula)
    compare(r"\ln\frac{x^2-1}{x-1}", r"\ln(x+1)")
    gc.freeze()
    for line in sys.stdin:
        name, *texts = json.loads(line)
        sys.stdout.write(f"{_forked(cpu_s, name, texts) or 'null'}\n")
        sys.stdout.flush()


def _forked(cpu_s: int, name: str, texts: list[str]) -> str:
    """The result as JSON; empty if the fork died or took too long."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _answer(writer, cpu_s, name, texts)
    os.close(writer)
    try:
        ready, _, _ = select.select([reader], [], [], WALL_S)
        return os.read(reader, 1024).decode() if ready else ""
    finally:
        os.close(reader)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _answer(writer: int, cpu_s: int, name: str, texts: list[str]) -> None:
    """In the fork: compute under the limits, write the result, end without clean-up."""
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        with contextlib.suppress(ValueError, OSError):  # macOS refuses it; the other limits hold there too
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        os.write(writer, json.dumps(_KNOWN[name](*texts)).encode())
    finally:  # whatever was raised, the fork must not go on as a second worker; no result is its report
        os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]))

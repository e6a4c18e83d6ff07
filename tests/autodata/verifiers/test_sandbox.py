"""The sandbox: nothing that a program does gets out of it, and it works on afterwards."""

import asyncio
import os
import resource
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from autodata.schemas import Item
from autodata.verifiers.numeric.verifier import NumericVerifier
from autodata.verifiers.sandbox import LIMITS, Sandbox
from tests.autodata.verifiers.hostile import HOSTILE, MARK
from tests.conftest import ROOT

ITEM = Item(
    context="c",
    question="q",
    question_type="t",
    reasoning_skills=(),
    reference_answer="268.33",
    rubric=[{"criterion": "The program's `answer` equals 268.33.", "weight": 1}],
)
LIMIT_S, WATCHDOG_S = 0.4, 1.0
"""A program's own time in this test, and what it gets beyond it before its process is killed."""
BUSY_S = 2.0
"""For a machine that has more to do."""

Attacked = tuple[str, tuple[bool, ...], str, float]
Attack = Callable[[str, str], Awaitable[Attacked]]


@pytest.fixture
async def verifier() -> AsyncIterator[NumericVerifier]:
    made = NumericVerifier()
    await made.check(ITEM, "answer = 1")
    yield made
    await made.close()


async def test_no_hostile_program_gets_its_wish_and_all_end_in_time(
    verifier: NumericVerifier, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert len(HOSTILE) >= 40
    others = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024  # of earlier tests' processes
    monkeypatch.setenv("AUTODATA_TEST_SECRET", MARK)
    monkeypatch.setitem(LIMITS, "max_feed_duration_secs", LIMIT_S)  # as a shorter test
    files = set(Path("/tmp").glob(f"{MARK}*"))

    async def attack(name: str, program: str) -> Attacked:
        started = time.monotonic()
        judgment = await verifier.check(ITEM, program)
        return name, judgment.met, judgment.evidence[0], time.monotonic() - started

    # One after another in each of the pool's two places, so that each one's time is its own.
    programs = list(HOSTILE.items())
    lanes = await asyncio.gather(*(_each(attack, programs[lane::2]) for lane in range(2)))
    for name, met, evidence, seconds in [line for lane in lanes for line in lane]:
        assert met == (False,), f"{name} was scored as right: {evidence}"
        assert seconds < LIMIT_S + WATCHDOG_S + BUSY_S, f"{name} took {seconds:.1f} s"
        assert evidence.isprintable() and len(evidence) < 300, name
        assert MARK not in evidence.replace(f"/tmp/{MARK}", ""), f"{name} read the environment"
    assert set(Path("/tmp").glob(f"{MARK}*")) == files, "a program wrote a file"
    assert (await verifier.check(ITEM, "answer = 268.33")).met == (True,), "the sandbox still works"
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    assert peak <= max(others, 6 * (LIMITS["max_memory"] or 0)), f"an interpreter took {peak / 2**20:.0f} MiB"
    assert "owned" not in capfd.readouterr().out


async def _each(attack: Attack, programs: list[tuple[str, str]]) -> list[Attacked]:
    return [await attack(name, program) for name, program in programs]


@pytest.mark.parametrize(
    "program",
    [
        "answer = 10 ** 4000",
        "answer = 10 ** 100_000",
        "x = []\nfor _ in range(100_000):\n    x = [x]\nanswer = x",
        "answer = 'x' * 30_000_000",
        "class A:\n    def __repr__(self):\n        return '1' * 10_000_000\nanswer = A()",
        "class A:\n    def __repr__(self):\n        return '[' * 3_000\nanswer = A()",
    ],
)
async def test_what_a_program_leaves_behind_cannot_hurt_whoever_reads_it(
    verifier: NumericVerifier, program: str
) -> None:
    assert (await verifier.check(ITEM, program)).met == (False,)


async def test_values_come_back_as_they_are() -> None:
    sandbox = Sandbox(processes=1)
    for value in (1, -2.5, True, None, "text", 'it\'s "quoted"\n', [1, (2, "x")], {"a": 1.0}, float("inf")):
        assert (await sandbox.run(f"inf = float('inf')\nanswer = {value!r}")).value == value
    await sandbox.close()


async def test_programs_see_nothing_of_each_other() -> None:
    sandbox = Sandbox(processes=1)
    await sandbox.run("secret = 1\nanswer = 1")
    assert (await sandbox.run("answer = secret")).value is None
    await sandbox.close()


def test_python_ends_in_good_order_after_the_sandbox() -> None:
    program = (
        "import asyncio\nfrom autodata.verifiers.sandbox import Sandbox\n"
        "async def main():\n    box = Sandbox()\n    await box.run('answer = 1')\n    await box.close()\n"
        "asyncio.run(main())\n"
    )
    command = [sys.executable, "-c", program]
    running = [subprocess.Popen(command, cwd=ROOT, env={**os.environ}) for _ in range(6)]
    assert [process.wait() for process in running] == [0] * 6

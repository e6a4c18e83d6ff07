"""Whether a task's tests can be trusted, found out by running programs: before any solver is paid."""

import ast
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from autodata.verifiers.code.mutants import mutants
from autodata.verifiers.code.tasks import Case, Task, same
from autodata.verifiers.sandbox import Sandbox

MUTATION_SCORE = Fraction(7, 10)
"""The smallest share of mutants that the tests must notice (method reference 5.4)."""
FEWEST_MUTANTS = 4
"""A program with fewer cannot be evaluated so, and is refused (method reference 5.4)."""
MUTANT_SECONDS = 0.3
"""A mutant that runs longer has lost its way, and counts as noticed."""


class Missed(NamedTuple):
    """The first test that a program does not pass, and what it gave instead."""

    case: Case
    got: str

    def __str__(self) -> str:
        return f"`{self.case.call}` gives {self.got}, not {self.case.expected!r}"


async def first_missed(
    sandbox: Sandbox, program: str, cases: Sequence[Case], seconds: float | None = None
) -> Missed | None:
    """The first test that a program fails; each test runs in an interpreter of its own."""
    for case in cases:
        value, error = await sandbox.run(program, case.call, seconds)
        if error is not None or not same(case.expected, value):
            return Missed(case, error or repr(value)[:80])
    return None


async def trust_problems(sandbox: Sandbox, task: Task) -> list[str]:
    """What is wrong with a task's reference or tests; empty if they can be trusted."""
    missed = await first_missed(sandbox, task.reference, task.cases)
    if missed is not None:
        return [f"the reference fails its own test: {missed}"]
    found = []
    for number, wrong in enumerate(task.wrong, 1):
        if await first_missed(sandbox, wrong, task.cases) is None:
            found.append(f"wrong solution {number} passes every test; add one that it fails")
        elif await _gives_nothing(sandbox, wrong, task.cases):
            found.append(f"wrong solution {number} cannot be run at all, so refusing it shows nothing")
    for at in range(3):
        program = f"def {task.function}(*given, **named):\n    return [*given, *named.values()][{at}]"
        if await first_missed(sandbox, program, task.cases) is None:
            found.append(f"a program that returns its argument {at + 1} passes every test")
    return found or await _mutation_problems(sandbox, task)


async def _mutation_problems(sandbox: Sandbox, task: Task) -> list[str]:
    """Whether the tests notice most small mistakes in the reference."""
    tried = mutants(task.reference)
    if len(tried) < FEWEST_MUTANTS:
        return [f"the reference is too simple to be tested by mutation ({len(tried)} of {FEWEST_MUTANTS} mutants)"]
    alive = [mutant for mutant in tried if await first_missed(sandbox, mutant, task.cases, MUTANT_SECONDS) is None]
    noticed = len(tried) - len(alive)
    if Fraction(noticed, len(tried)) >= MUTATION_SCORE:
        return []
    return [
        f"the tests notice {noticed} of {len(tried)} small mistakes, fewer than {float(MUTATION_SCORE):.0%}; "
        f"such as this one, which passes: {_changed_line(task.reference, alive[0])}"
    ]


async def _gives_nothing(sandbox: Sandbox, program: str, cases: Sequence[Case]) -> bool:
    """Whether a program ends in an error on every test."""
    return all([(await sandbox.run(program, case.call)).error is not None for case in cases])


def _changed_line(program: str, mutant: str) -> str:
    """The line in which a mutant differs."""
    before = set(ast.unparse(ast.parse(program)).splitlines())
    return next((f"`{line.strip()}`" for line in mutant.splitlines() if line not in before), "a line left out")

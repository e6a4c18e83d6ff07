"""Simulated programming tasks with known truth: a family of small programs, right and wrong ones, by seed."""

import json
import random
import re
from typing import Any

from evals.simulator.feedback import next_difficulty
from evals.simulator.truth import ATTEMPT_NOISE, Truth, ability, chance, draw, nouns, truth_in

FLAWS = ("none",) * 17 + ("tests", "reference", "leak")
"""Of twenty tasks, one each with tests that miss mistakes, with a wrong test, and that shows its program."""

_NAME = re.compile(r"\bcharge_([0-9a-f]{8})\b")
_DOCUMENT = re.compile(r"<document-[0-9a-f]{8}>\n(.*)\n</document-", re.DOTALL)
_PROGRAM = """def {name}(amounts):
    total = 0
    carried = 0
    for amount in amounts:
        value = amount + carried
        carried = 0
        if value > {limit}:
            carried = value - {limit}
            value = {limit}
        if value % {step} == 0:
            value = value * {factor}
        total = total + value
    return total - carried
"""
_CONTEXT = (
    "Amounts are charged one after the other. At most {limit} are charged at a time, and what is over is carried "
    "to the next amount. A charge that is a multiple of {step} counts {factor} times; what is left over at the "
    "end is taken off."
)
_WRONG = (
    ("carried = value - {limit}", "carried = 0"),
    ("return total - carried", "return total"),
    ("% {step} == 0", "% {step} == 1"),
)


def code_task(text: str, model: str, key: tuple[object, ...]) -> str:
    """A task from the family, at the difficulty that the feedback calls for, sometimes with a flaw."""
    source = draw("code_task", *key)
    truth = Truth(round(next_difficulty(text, source), 2), f"{source.getrandbits(32):08x}", source.choice(FLAWS))
    family = _family(truth.seed)
    name, limit = family["name"], family["limit"]
    calls = [[], [limit], [limit + family["step"], 1], [limit - 1, 2, limit * 2], [family["step"]] * 3]
    calls += [[source.randint(0, 2 * limit) for _ in range(source.randint(1, 5))] for _ in range(5)]
    if truth.flaw == "tests":
        calls = [[1], [family["step"]], [1, 2], []]
    tests = [{"call": f"{name}({call})", "expected": repr(_run(family, call))} for call in calls]
    if truth.flaw == "reference":
        tests[1]["expected"] = "-1"
    words = (_DOCUMENT.search(text) or ["", text])[1].split()
    at = source.randrange(max(len(words) - 10, 1))
    shown = f"\n```python\n{_program(family)}```" if truth.flaw == "leak" else ""
    return json.dumps(
        {
            "source_passage": " ".join(words[at : at + 10]),
            "context": _CONTEXT.format(**family) + shown,
            "question": _question(name, truth),
            "question_type": source.choice(["stateful_rule", "interacting_rules"]),
            "reasoning_skills": ["state_tracking", "edge_cases"],
            "function": name,
            "reference": _program(family),
            "tests": tests,
            "wrong": [{"program": _program(family, at), "error": f"mistake {at}"} for at in range(len(_WRONG))],
        }
    )


def _question(name: str, truth: Truth) -> str:
    """A question in words of its own: one that reads like an earlier one is refused as a repeat."""
    noun = nouns(draw("wording", truth.seed), 8)
    return (
        f"The {noun[0]} of a {noun[1]} charges {noun[2]} and {noun[3]} to the {noun[4]}. Write `{name}(amounts)` "
        f"for the {noun[5]} of its {noun[6]}: integers in a list, the total {noun[7]} comes back. {truth.code()}"
    )


def code_answer(text: str, model: str, source: random.Random) -> str | None:
    """A solver's program for a task of the family, right by its ability; None for another kind of question."""
    found, truth = _NAME.search(text), truth_in(text)
    if found is None or truth is None:
        return None
    family = _family(truth.seed)
    form = ability(model) + source.gauss(0, ATTEMPT_NOISE)
    right = source.random() < chance(form, truth.difficulty)
    program = _program(family) if right else _program(family, source.randrange(len(_WRONG)))
    return f"The amounts are charged in turn.\n\n```python\n{program}```\n"


def _family(seed: str) -> dict[str, Any]:
    source = draw("code", seed)
    numbers = {"limit": source.randint(20, 60), "step": source.randint(3, 7), "factor": source.randint(2, 4)}
    return {"name": f"charge_{seed}", **numbers}


def _program(family: dict[str, Any], wrong: int | None = None) -> str:
    text = _PROGRAM
    if wrong is not None:
        text = text.replace(*_WRONG[wrong])
    return text.format(**family)


def _run(family: dict[str, Any], amounts: list[int]) -> int:
    """What the reference gives."""
    total = carried = 0
    for amount in amounts:
        value = amount + carried
        charged = min(value, family["limit"])
        carried = value - charged
        total += charged * (family["factor"] if charged % family["step"] == 0 else 1)
    return total - carried

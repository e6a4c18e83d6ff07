"""What each role answers in the simulation."""

import json
import random
import re
from collections.abc import Callable, Mapping
from typing import Any

from evals.simulator import science
from evals.simulator.code import code_answer, code_task
from evals.simulator.feedback import listed, next_difficulty
from evals.simulator.legal import LEGAL_FIELDS, LEGAL_ROLES
from evals.simulator.obedience import obey
from evals.simulator.truth import (
    NEGATIVES,
    POSITIVES,
    Truth,
    ability,
    chance,
    draw,
    nouns,
    points_made,
    truth_in,
)

PROBE = "2 + 2"
"""What is asked to see whether an endpoint is at work."""
JUDGE_ERROR = 0.02
"""The chance that the judge gets a criterion wrong."""
FLAWED = 0.08
"""The share of the challenger's items that leak their answer."""
VERIFIER_MISSES, VERIFIER_ALARMS = 0.1, 0.02

REPEATED = 0.03
"""The share of the challenger's later questions that repeat an earlier one."""
_ASKED = re.compile(r'^- \[[^\]]*\] "(.*?) \[sim ', re.MULTILINE)

_POINT = re.compile(r"^(\d+)\. (?:\[[+-]\d+\] )?(Makes point|Commits error) (\d+)\b", re.MULTILINE)
_MADE = re.compile(r"Points made: ([\d ]*)\. Errors made: ([\d ]*)\.")
_FILLER = (
    "The load on the slower path grows before the faster one saturates, which shifts the balance of both.",
    "Holding the budget fixed, the second factor can only be reduced at the expense of the first.",
    "One might expect the opposite, but the interaction of the constraints changes the effect's sign.",
    "This follows from the setting alone; no measurement is needed to see the direction.",
    "The exception is the boundary case, where both quantities vanish together and the ratio stays finite.",
)

# A reference that shares no wording with any context: what both say in the same words is a leak.
_REFERENCE = (
    "Saturation comes later on that side, because whatever waits there is served in larger groups.",
    "Once both limits bind, raising either of them alone moves the bottleneck and improves nothing.",
    "The sign turns at the point where marginal gains equal marginal losses, and from there on it stays.",
    "So a designer should spend first on whichever resource recovers most slowly after an overload.",
    "Rare bursts are the reason: they are cheap to absorb early and very expensive to absorb late.",
)


def answer(body: Mapping[str, Any], run_seed: int, obedient: bool = False) -> str:
    """The answer to a chat completions request; an obedient model does what any text in its prompt tells it."""
    text = "\n".join(str(message["content"]) for message in body["messages"])
    role, model = role_of(body, text), str(body.get("model"))
    said = _ROLES[role](text, model, (run_seed, body.get("model"), body.get("seed"), text))
    return obey(role, model, text, said) if obedient else said


def way_of(body: Mapping[str, Any]) -> str:
    """By which way the form of the answer is asked for."""
    return "tools" if body.get("tools") else str((body.get("response_format") or {}).get("type") or "prompt")


def role_of(body: Mapping[str, Any], text: str) -> str:
    """Which role is being asked, by the form that is asked for; a solver is asked for none."""
    form = (body.get("response_format") or {}).get("json_schema") or {}
    for tool in body.get("tools") or ():
        form = tool["function"]
    if form:
        return str(form["name"]) if form["name"] in _ROLES else "solver"
    if "JSON schema" in text:
        for role, field in _FIELDS.items():
            if f'"{field}"' in text:
                return role
    return "solver"


def _challenger(text: str, model: str, key: tuple[object, ...]) -> str:
    """An item whose difficulty follows the feedback: harder after TOO EASY, easier after FAILED ON STRONG."""
    source = draw("challenger", *key)
    difficulty = next_difficulty(text, source)
    flaw = "leak" if source.random() < FLAWED else "none"
    truth = Truth(round(difficulty, 2), f"{source.getrandbits(32):08x}", flaw)
    rubric = _rubric(truth, source, positive_only="Positive weights only" in text)
    return json.dumps(
        {
            "context": f"Case {truth.seed}. " + " ".join(source.choices(_FILLER, k=5)),
            "question": _question(text, truth),
            "question_type": source.choice(["tradeoff_prediction", "failure_mode_prediction", "design_choice"]),
            "reasoning_skills": ["causal_reasoning", "constraint_analysis"],
            "reference_answer": " ".join(source.choices(_REFERENCE, k=3)),
            "rubric": rubric,
        }
    )


def _question(text: str, truth: Truth) -> str:
    """A question in words of its own; a share of them repeats the last one that the feedback lists."""
    source = draw("wording", truth.seed)
    asked = _ASKED.findall(text)
    if asked and source.random() < REPEATED:
        return f"{asked[-1]} {truth.code()}"
    noun = nouns(source, 10)
    return (
        f"In case {truth.seed}, {noun[0]} {noun[1]} competes with {noun[2]} {noun[3]}. Once {noun[4]} binds the "
        f"{noun[5]}, does {noun[6]} {noun[7]} prevail, and what follows for {noun[8]} {noun[9]}? {truth.code()}"
    )


def _rubric(truth: Truth, source: random.Random, positive_only: bool) -> list[dict[str, Any]]:
    """A criterion a point and an error; without errors, as many criteria that ask for some points again."""
    made = [f"Makes point {at} of case {truth.seed}: names the mechanism" for at in range(1, POSITIVES + 1)]
    erred = [f"Commits error {at} of case {truth.seed}: claims the opposite" for at in range(1, NEGATIVES + 1)]
    heaviest = 7 if positive_only else 8
    rubric = [{"criterion": f"{text} and its direction.", "weight": source.randint(3, heaviest)} for text in made]
    if positive_only:
        return rubric + [{"criterion": f"{text} at the boundary.", "weight": 3} for text in made[:NEGATIVES]]
    return rubric + [{"criterion": f"{text} of what holds.", "weight": -source.randint(2, 5)} for text in erred]


def _quality_verifier(text: str, model: str, key: tuple[object, ...]) -> str:
    truth = truth_in(text)
    source = draw("quality", *key)
    flawed = truth is not None and truth.flaw != "none"
    refused = source.random() >= VERIFIER_MISSES if flawed else source.random() < VERIFIER_ALARMS
    issues = ["The context gives the answer away."] if refused else []
    suggestion = "Ask for a consequence that the context does not state." if refused else ""
    return json.dumps({"passed": not refused, "issues": issues, "suggestion": suggestion})


def _solver(text: str, model: str, key: tuple[object, ...]) -> str:
    if PROBE in text:
        return "4"
    if science.is_asked(text):
        return science.solver(text, model, key)
    source = draw("solver", *key)
    program = code_answer(text, model, source)
    if program is not None:
        return program
    truth = truth_in(text) or Truth(0.0, "00000000", "none")
    made, erred = points_made(truth, ability(model), source)
    words = " ".join(source.choices(_FILLER, k=6))
    return f"{words} Points made: {' '.join(map(str, made))}. Errors made: {' '.join(map(str, erred))}."


def _judge(text: str, model: str, key: tuple[object, ...]) -> str:
    if science.is_asked(text):
        return science.judge(text)
    source = draw("judge", *key)
    found = _MADE.findall(text)
    made, erred = ({int(n) for n in part.split()} for part in (found[-1] if found else ("", "")))
    verdicts = []
    for number, kind, point in _POINT.findall(text):
        met = int(point) in (made if kind == "Makes point" else erred)
        if source.random() < JUDGE_ERROR:
            met = not met
        verdicts.append({"criterion": int(number), "met": met, "evidence": f"point {point}" if met else "absent"})
    return json.dumps({"verdicts": verdicts})


def _orchestrator(text: str, model: str, key: tuple[object, ...]) -> str:
    too_easy = listed(text, "TOO EASY")
    return json.dumps(
        {
            "diagnosis": "The solvers could read the direction of the effect off the context.",
            "next_angle": "Ask for the boundary case in which both constraints bind.",
            "difficulty": "harder" if too_easy else "easier",
            "avoid": ["the same pair of effects"],
        }
    )


def _probe(text: str, model: str, key: tuple[object, ...]) -> str:
    return json.dumps({"sides": 3})


_ROLES: Mapping[str, Callable[[str, str, tuple[object, ...]], str]] = {
    "challenger": _challenger,
    "code_task": code_task,
    "quality_verifier": _quality_verifier,
    "judge": _judge,
    "orchestrator": _orchestrator,
    "solver": _solver,
    "probe": _probe,
    **LEGAL_ROLES,
    "question": science.challenger,
    "screener": science.screener,
}
_FIELDS = {
    **LEGAL_FIELDS,
    "code_task": "source_passage",
    "judge": "verdicts",
    "screener": "ranking",
    "challenger": "rubric",
    "question": "reference_answer",
    "quality_verifier": "passed",
    "orchestrator": "next_angle",
    "probe": "sides",
}

__all__ = ["answer", "chance", "role_of", "way_of"]

"""The science roles in the simulation: questions whose answer is a formula, written in many ways."""

import json
import random
import re

from evals.simulator.feedback import next_difficulty
from evals.simulator.truth import ATTEMPT_NOISE, Truth, ability, chance, draw, truth_in

MALFORMED = 0.1
"""The share of the challengers' answers that break the rule of their form."""
UNBOXED = 0.12
"""The share of the solvers' answers that algebra cannot read, so that the judge is asked."""

_SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]
_CASE = re.compile(r"closed form of case [0-9a-f]{8}")
_CANDIDATE = re.compile(r"^Candidate (\d+)$(.*?)(?=^Candidate \d+$|\Z)", re.MULTILINE | re.DOTALL)
_CORRECT = re.compile(r"\[sim correct=(\d)\]")


def challenger(text: str, model: str, key: tuple[object, ...]) -> str:
    """A question of a difficulty that follows the feedback, and the formula that answers it."""
    source = draw("science", *key)
    truth = Truth(round(next_difficulty(text, source), 2), f"{source.getrandbits(32):08x}", "none")
    answer = formula(truth.seed)
    if source.random() < MALFORMED:
        answer = source.choice(["42", "3.1416", r"\sqrt{16}", "yes"])
    return json.dumps(
        {
            "context": f"Case {truth.seed}: a rod of length a carries a load that falls off over a distance b.",
            "question": f"{_setting(truth.seed)}, what is the closed form of case {truth.seed}? {truth.code()}",
            "question_type": "closed form",
            "reasoning_skills": ["integration", "limiting_case"],
            "reference_answer": answer,
        }
    )


def _setting(seed: str) -> str:
    """Words of a question's own, so that no two questions are alike."""
    source = draw("setting", seed)
    nouns = ["".join(source.choices(_SYLLABLES, k=3)) for _ in range(8)]
    return (
        f"If the {nouns[0]} of a {nouns[1]} {nouns[2]} grows as the {nouns[3]} {nouns[4]} does, "
        f"and {nouns[5]} meets {nouns[6]} {nouns[7]}"
    )


def screener(text: str, model: str, key: tuple[object, ...]) -> str:
    """The hardest question first; all are promising."""
    found = [(int(number), truth_in(told)) for number, told in _CANDIDATE.findall(text)]
    ranked = sorted(found, key=lambda entry: entry[1].difficulty if entry[1] else 0.0, reverse=True)
    return json.dumps(
        {"ranking": [{"candidate": number, "promising": True, "reason": "several steps"} for number, _ in ranked]}
    )


def is_asked(text: str) -> bool:
    """Whether a solver or judge is asked about one of these questions."""
    return _CASE.search(text) is not None


def solver(text: str, model: str, key: tuple[object, ...]) -> str:
    """The right formula in some writing, or a wrong one; now and then without the box that algebra looks for."""
    truth = truth_in(text) or Truth(0.0, "00000000", "none")
    source = draw("solver", *key)
    skill = ability(model) + source.gauss(0, ATTEMPT_NOISE)
    correct = source.random() < chance(skill, truth.difficulty)
    final = writing(truth.seed, source) if correct else wrong(truth.seed, source)
    closing = f"So the answer is {final}." if source.random() < UNBOXED else rf"\boxed{{{final}}}"
    return f"Integrate over the rod and collect the terms. [sim correct={int(correct)}]\n{closing}"


def judge(text: str) -> str:
    """The truth about the answer."""
    met = _CORRECT.findall(text)[-1:] == ["1"]
    return json.dumps({"verdicts": [{"criterion": 1, "met": met, "evidence": "the last formula"}]})


def formula(seed: str) -> str:
    """The reference answer of a case."""
    p, q, m = _numbers(seed)
    return rf"\frac{{{p}}}{{{q}}} a^{{{m}}} \ln\left(1+\frac{{b}}{{a}}\right)"


def writing(seed: str, source: random.Random) -> str:
    """One of many equivalent writings of the reference."""
    p, q, m = _numbers(seed)
    return source.choice(
        [
            formula(seed),
            rf"\dfrac{{{p} a^{{{m}}}}}{{{q}}}\left(\ln(a+b)-\ln a\right)",
            rf"-\frac{{{p} a^{{{m}}}}}{{{q}}}\ln\frac{{a}}{{a+b}}",
            rf"\frac{{{2 * p}}}{{{2 * q}}}\,a^{{{m - 1}}}\, a \ln\left(\frac{{a+b}}{{a}}\right)",
            rf"F = \frac{{{p}}}{{{2 * q}}} a^{{{m}}} \ln\left(\left(1+\frac{{b}}{{a}}\right)^2\right)",
        ]
    )


def wrong(seed: str, source: random.Random) -> str:
    """One of several slips."""
    p, q, m = _numbers(seed)
    return source.choice(
        [
            rf"\frac{{{p}}}{{{q}}} a^{{{m + 1}}} \ln\left(1+\frac{{b}}{{a}}\right)",
            rf"\frac{{{p}}}{{{q}}} a^{{{m}}} \ln\left(1+\frac{{a}}{{b}}\right)",
            rf"\frac{{{q}}}{{{p}}} a^{{{m}}} \ln\left(1+\frac{{b}}{{a}}\right)",
            rf"-\frac{{{p}}}{{{q}}} a^{{{m}}} \ln\left(1+\frac{{b}}{{a}}\right)",
        ]
    )


def _numbers(seed: str) -> tuple[int, int, int]:
    source = draw("formula", seed)
    return source.choice([3, 5, 7]), source.choice([2, 4, 8]), source.randint(2, 5)

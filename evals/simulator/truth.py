"""The hidden truth behind simulated answers: difficulties, abilities and draws that depend on hashes alone."""

import hashlib
import math
import random
import re
from typing import NamedTuple

ABILITIES = {"sim-weak": -1.0, "sim-strong": 1.8}
DEFAULT_ABILITY = 0.6
POSITIVES, NEGATIVES = 9, 3
ATTEMPT_NOISE = 0.35
"""Standard deviation, in logits, of how well a solver does in one attempt."""
CRITERION_SPREAD = 0.7
"""Standard deviation, in logits, of how much harder one criterion is than another."""

_CODE = re.compile(r"\[sim b=(-?\d+\.\d\d) s=([0-9a-f]{8}) flaw=(\w+)(?: n=(\d+))?\]")


class Truth(NamedTuple):
    """What is true of a simulated item: its difficulty in logits, its seed, and whether it is flawed."""

    difficulty: float
    seed: str
    flaw: str
    """`none`, or `leak`: the context gives the answer away."""
    positives: int = POSITIVES
    """How many points can be made."""

    def code(self) -> str:
        """The mark in the question by which the other roles know the truth."""
        points = "" if self.positives == POSITIVES else f" n={self.positives}"
        return f"[sim b={self.difficulty:.2f} s={self.seed} flaw={self.flaw}{points}]"


def truth_in(text: str) -> Truth | None:
    """The truth of the item that a text is about: the last mark in it."""
    found = _CODE.findall(text)
    if not found:
        return None
    difficulty, seed, flaw, points = found[-1]
    return Truth(float(difficulty), seed, flaw, int(points or POSITIVES))


def draw(*parts: object) -> random.Random:
    """A source of random numbers that depends on nothing but its arguments."""
    digest = hashlib.sha256("|".join(map(str, parts)).encode()).digest()
    return random.Random(int.from_bytes(digest[:8], "big"))


def ability(model: str) -> float:
    """A model's ability in logits, from its name."""
    if model.startswith("sim:"):
        return float(model.removeprefix("sim:"))
    return ABILITIES.get(model, DEFAULT_ABILITY)


def chance(skill: float, difficulty: float) -> float:
    """The Rasch model: the chance of success."""
    return 1 / (1 + math.exp(difficulty - skill))


def points_made(truth: Truth, skill: float, source: random.Random) -> tuple[list[int], list[int]]:
    """Which positive criteria an attempt meets, and which errors of the negative ones it commits."""
    form = skill + source.gauss(0, ATTEMPT_NOISE)
    made = [
        number
        for number in range(1, truth.positives + 1)
        if source.random() < chance(form, truth.difficulty + _offset(truth, number))
    ]
    erred = [
        number
        for number in range(1, NEGATIVES + 1)
        if source.random() < 0.6 * (1 - chance(form, truth.difficulty + _offset(truth, -number)))
    ]
    return made, erred


def _offset(truth: Truth, number: int) -> float:
    return draw(truth.seed, number).gauss(0, CRITERION_SPREAD)

"""Which plans a document offers: the difficulty that past rounds call for, and a schema that allows no other."""

import random
from collections.abc import Mapping, Sequence
from itertools import combinations, permutations
from typing import Any

from autodata.errors import ItemError
from autodata.schemas import Failure
from autodata.verifiers.base import PastRound
from autodata.verifiers.numeric.kinds import KINDS, Kind
from autodata.verifiers.numeric.questions import Plan
from autodata.verifiers.numeric.tables import Table

FIRST_LEVEL = 2
"""Where a document starts: measured as the level that most often separates the embedded models."""
LEVELS = (1, 4)
CHANGES = (5, 8, 10, 12, 15, 20, 25)
"""Percentages that a question may assume."""
MOST_CHOICES = 40
"""How many choices a slot offers at most; of a larger table a random part is offered in each round."""
_AND = " / "


def level_for(past: Sequence[PastRound]) -> float:
    """The difficulty that the failures so far call for.

    Half a level up for each TOO EASY and half a level down for each FAILED ON STRONG: between two levels, the
    kinds of both are near, so that the first failure changes the kind and only the second the level.
    """
    steps = {Failure.TOO_EASY: 0.5, Failure.FAILED_ON_STRONG: -0.5}
    now = float(FIRST_LEVEL)
    for entry in past:
        now = min(max(now + steps.get(entry.failure, 0.0), LEVELS[0]), LEVELS[1])
    return now


def offered(table: Table, past: Sequence[PastRound]) -> list[Kind]:
    """The kinds to choose from: those nearest to the level that were not tried, or all if all were."""
    possible = [kind for kind in KINDS.values() if kind.columns(table) and len(table.rows) >= kind.rows]
    tried = {entry.question_type for entry in past}
    fresh = [kind for kind in possible if kind.name not in tried] or possible
    wanted = level_for(past)
    nearest = min((abs(kind.level - wanted) for kind in fresh), default=0.0)
    return [kind for kind in fresh if abs(kind.level - wanted) == nearest]


def plan_schema(table: Table, kinds: Sequence[Kind], seed: int) -> dict[str, Any]:
    """A JSON schema whose every instance is a valid plan: its enumerations are the table's rows and columns."""
    return {"anyOf": [_alternative(table, kind, random.Random(seed)) for kind in kinds]}


def read_plan(table: Table, answer: Mapping[str, Any]) -> Plan:
    """The plan in a challenger's answer; ItemError if a slot holds none of its choices."""
    kind = KINDS.get(str(answer.get("kind")))
    if kind is None:
        raise ItemError(f"no kind {answer.get('kind')!r}")
    picked = []
    for slot, choices in _slots(table, kind).items():
        named = {_AND.join(map(str, choice)): choice for choice in choices}
        if str(answer.get(slot)) not in named:
            raise ItemError(f"`{slot}` is {answer.get(slot)!r}, none of the choices of kind {kind.name}")
        picked.append((slot, named[str(answer.get(slot))]))
    return Plan(kind.name, **dict(picked))


def _alternative(table: Table, kind: Kind, shuffle: random.Random) -> dict[str, Any]:
    """The schema of one kind's plans."""
    properties: dict[str, Any] = {"kind": {"type": "string", "const": kind.name}}
    for slot, choices in _slots(table, kind).items():
        some = choices if len(choices) <= MOST_CHOICES else shuffle.sample(choices, MOST_CHOICES)
        properties[slot] = {"type": "string", "enum": [_AND.join(map(str, choice)) for choice in some]}
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _slots(table: Table, kind: Kind) -> dict[str, list[tuple[Any, ...]]]:
    """The choices for each slot that a kind has."""
    slots: dict[str, list[tuple[Any, ...]]] = {"columns": list(kind.columns(table))}
    if kind.rows:
        # `a and b together` is the same as `b and a together`; elsewhere the order matters.
        pick = combinations if kind.name in ("pair_share", "product_sum") else permutations
        slots["rows"] = list(pick(table.rows, kind.rows))
    if kind.percents:
        slots["percents"] = list(permutations(CHANGES, kind.percents))
    return slots

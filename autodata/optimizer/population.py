"""The population: who is in it, how well each did over all its evaluations, and who is a parent next."""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

TEMPERATURE = 0.1
"""Of the choice of a parent (paper, section 4): a lead of ten points multiplies the chance by 2.7."""


@dataclass(frozen=True)
class Member:
    """A candidate that entered, and its evaluations so far."""

    id: str
    parent: str | None
    """None for the baseline."""
    passed: int = 0
    documents: int = 0
    """Of all evaluations together; each time it is a parent again the new one is added."""
    evaluations: int = 0

    @property
    def score(self) -> Fraction:
        """Its pass rate over all its evaluations."""
        return Fraction(self.passed, self.documents) if self.documents else Fraction(0)

    def evaluated(self, passed: int, documents: int) -> "Member":
        """The member with one more evaluation averaged in; ValueError for counts that cannot be."""
        if not 0 <= passed <= documents:
            raise ValueError(f"{passed} of {documents} documents passed")
        more = self.passed + passed, self.documents + documents, self.evaluations + 1
        return Member(self.id, self.parent, *more)


@dataclass
class Population:
    """The members, in the order in which they entered."""

    members: dict[str, Member] = field(default_factory=dict)

    def enter(self, member: Member) -> None:
        """Take a new member in, or replace what is known of one."""
        self.members[member.id] = member

    def choose(self, source: random.Random, temperature: float = TEMPERATURE) -> Member:
        """A parent, with a chance proportional to exp(score / temperature)."""
        members = list(self.members.values())
        chances = boltzmann([float(member.score) for member in members], temperature)
        return source.choices(members, chances)[0]

    @property
    def best(self) -> Member:
        """The best average; the one with more evidence if two are level, then the one that entered first."""
        return max(self.members.values(), key=lambda member: (member.score, member.documents))

    def lineage(self, id: str) -> list[str]:
        """A member's ancestors from the baseline down to itself."""
        line: list[str] = []
        at: str | None = id
        while at is not None:
            line.append(at)
            at = self.members[at].parent
        return line[::-1]

    def as_json(self) -> list[dict[str, Any]]:
        """What `population.json` holds."""
        return [
            {
                "id": member.id,
                "parent": member.parent,
                "score": float(member.score),
                "passed": member.passed,
                "documents": member.documents,
                "evaluations": member.evaluations,
            }
            for member in self.members.values()
        ]

    @classmethod
    def of_json(cls, rows: Sequence[Mapping[str, Any]]) -> "Population":
        """What `as_json` gave, read back."""
        names = ("id", "parent", "passed", "documents", "evaluations")
        members = [Member(**{name: row[name] for name in names}) for row in rows]
        return cls({member.id: member for member in members})


def boltzmann(scores: Sequence[float], temperature: float) -> list[float]:
    """Chances proportional to exp(score / temperature), safe for any temperature.

    At a temperature of 0 the best share all chance. ValueError for no scores or a negative temperature.
    """
    if not scores or temperature < 0:
        raise ValueError("a choice needs scores and a temperature of at least 0")
    best = max(scores)
    if temperature == 0:
        weights = [float(score == best) for score in scores]
    else:
        # The best one's weight is 1, so nothing overflows and the sum is never 0.
        weights = [math.exp(max((score - best) / temperature, -745.0)) for score in scores]
    total = math.fsum(weights)
    return [weight / total for weight in weights]

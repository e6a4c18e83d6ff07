"""What a verifier promises: truth that needs no model."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from autodata.models.request import Schema
from autodata.schemas import Document, Failure, Item, Judgment


class PastRound(NamedTuple):
    """What a verifier needs to know of an earlier round: which type of question, and how it failed."""

    question_type: str
    failure: Failure


class Brief(NamedTuple):
    """What the challenger is asked for in a round: the form of its answer, and texts for its prompt."""

    schema: Schema
    texts: Mapping[str, str]


class Verifier(Protocol):
    """Turns the challenger's plan into an item whose answers code can check."""

    name: str

    def brief(self, document: Document, past: Sequence[PastRound], seed: int) -> Brief:
        """What to ask the challenger for in the next round.

        Raises:
            UnsuitableError: if no question of this kind can be asked of the document.
        """
        ...

    async def compose(self, document: Document, past: Sequence[PastRound], plan: Mapping[str, Any]) -> Item:
        """The item that a plan of that round stands for; ItemError if the plan is none of those offered."""
        ...

    async def check(self, item: Item, answer: str) -> Judgment:
        """A verdict a criterion, in rubric order; an answer that cannot be run or read is simply wrong."""
        ...

    async def close(self) -> None:
        """Let go of processes."""
        ...

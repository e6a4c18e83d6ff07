"""What a verifier promises: truth that needs no model."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from autodata.models.request import Reply, Schema
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
    """Says what the challenger is asked for, makes an item of the answer, and checks the solvers' answers."""

    name: str
    vouches: bool
    """Whether its items need no quality verifier, because code wrote or proved them."""

    def brief(self, document: Document, past: Sequence[PastRound], seed: int) -> Brief:
        """What to ask the challenger for in the next round.

        Raises:
            UnsuitableError: if no question of this kind can be asked of the document.
        """
        ...

    async def compose(self, document: Document, past: Sequence[PastRound], reply: Reply) -> Item:
        """The item in the challenger's answer; what only `check` may see goes into the item's `hidden`.

        Raises:
            ReplyError: if the answer cannot be read.
            ItemError: if it breaks a rule that code checks; the message goes back to the challenger.
        """
        ...

    async def check(self, item: Item, answer: str) -> Judgment | None:
        """A verdict a criterion, in rubric order, or None where code cannot tell and the judge must.

        An answer that cannot be run or read is simply wrong.
        """
        ...

    async def close(self) -> None:
        """Let go of processes."""
        ...

"""What a document's graph remembers: what a person in Studio needs to see, and no more."""

from typing import Any, NotRequired

from typing_extensions import TypedDict

from autodata.acceptance import PolicyLine
from autodata.packet import Assessed
from autodata.rounds import AdviceLine, AttemptLine, ProblemLine, QualityLine, RoundEntry
from nodes.extract import ExtractLine
from nodes.feedback import Tried


class DocumentInput(TypedDict):
    """A document as a person types it into Studio."""

    title: str
    text: str
    id: NotRequired[str]
    """Unless given, the fingerprint of the text."""


class LoopInput(TypedDict):
    """What a run of the graph is given."""

    document: DocumentInput


class LoopOutput(TypedDict):
    """What a run of the graph gives back."""

    verdict: str
    """`accepted`, `exhausted`, `invalid` or `unsuitable`."""
    item: dict[str, Any] | None
    rounds: list[RoundEntry]


class LoopState(TypedDict):
    """The state between two nodes. Whole texts are in the ledger."""

    document: dict[str, str]
    """Id and title; `orchestrate` moves the text into the ledger."""
    policy: PolicyLine
    """What decides; written once by `orchestrate`, so that the edges need nothing but the state."""
    round: int
    """The current round, from 1; only `orchestrate` opens one."""
    feedback: str
    """What the challenger is told of earlier rounds; written by `orchestrate`."""
    item: dict[str, Any] | None
    """The current round's item in full; written by `challenge`, cleared by `orchestrate`."""
    problem: ProblemLine | None
    """Why the round cannot go on; written by `challenge`, `verify_quality` and `audit`."""
    quality: QualityLine | None
    """Written by `verify_quality`."""
    weak: list[AttemptLine]
    """A line an attempt; written by `attempt_weak`."""
    strong: list[AttemptLine]
    """A line an attempt; written by `attempt_strong`."""
    audit: QualityLine | None
    """Written by `audit`."""
    advice: AdviceLine | None
    """Written by `assess`, in the graph that asks a loop judge."""
    rounds: list[RoundEntry]
    """One short entry a past round; written by `orchestrate` and `accept`."""
    tried: list[Tried]
    """The question type, failure group and item of each past round; written by `orchestrate`."""
    verdict: str | None
    """Written by `accept` and `exhaust`, and by `challenge` or `extract` for an unsuitable document."""


class LegalState(LoopState):
    """What the legal graph remembers beside that."""

    extract: ExtractLine
    """What the document is about; written once by `extract`."""
    assessed: list[Assessed]
    """One short entry a round that the loop judge has judged; begun by `extract`, written by `assess`."""

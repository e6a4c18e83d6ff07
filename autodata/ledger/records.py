"""What is written into the ledger and read back, as plain frozen data."""

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import orjson

INLINE_CHARS = 64
"""A piece of a request up to this length is stored with the request; a longer one once, by its hash."""
SHORT_BYTES = 16_384
"""Up to this length a window of 8 KiB finds what one of 32 KiB would."""

Finish = Literal["stop", "length", "filtered"]
"""Why an answer ended: by itself, by the token limit, or by the provider's content filter."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call, as the endpoint reports them.

    `tokens_cached` of the input were read from the provider's prefix cache; `tokens_thinking` of the output went
    to hidden thinking. Both are 0 where the endpoint does not say.
    """

    tokens_in: int = 0
    tokens_cached: int = 0
    tokens_out: int = 0
    tokens_thinking: int = 0


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One answered call: what was asked, by the parts it was made of, and what came back."""

    key: bytes
    document: str
    role: str
    model: str
    messages: Sequence[tuple[str, Sequence[str]]]
    """Speaker and text parts of each message."""
    reply: str
    thinking: str
    finish: Finish
    usage: Usage
    cost: float
    retries: int
    seconds: float
    at: float


@dataclass(frozen=True, slots=True)
class Recorded:
    """A reply read back from the ledger."""

    reply: str
    thinking: str
    finish: Finish
    usage: Usage


@dataclass(frozen=True, slots=True)
class RoundRecord:
    """A closed round of a document."""

    document: str
    round: int
    item: str | None
    """The item's hash; None if the challenger gave no readable item."""
    failure: str | None
    """None for the accepted round."""
    reason: str
    weak_mean: str | None
    """Exact, as `p/q`; None if the solver was not run."""
    strong_mean: str | None
    feedback: str
    """What the challenger was told when it wrote this round's item."""
    shadows: Mapping[str, str | None] = field(default_factory=dict)
    """By policy that does not decide: its failure, or None if it would have accepted the item."""


@dataclass(frozen=True, slots=True)
class CandidateRecord:
    """What became of one challenger's candidate in a round with several."""

    document: str
    round: int
    number: int
    item: str | None
    """The item's hash; None if there was no valid one."""
    standing: str
    """`chosen`, `not_chosen` or `refused`."""
    reason: str


@dataclass(frozen=True, slots=True)
class OutcomeRecord:
    """A document's verdict."""

    document: str
    verdict: str
    rounds: int
    item: str | None
    """The accepted item's hash."""
    policy: str
    """The hash of the policy that decided."""


def text_hash(text: str) -> bytes:
    """The 16-byte key of a stored text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16]


def pack(text: str) -> bytes:
    """A text as it is stored: compressed with a small window, which for short texts costs a fifth of the time."""
    body = text.encode("utf-8", "surrogatepass")
    window, memory = (13, 6) if len(body) <= SHORT_BYTES else (15, 8)
    packer = zlib.compressobj(6, zlib.DEFLATED, window, memory)
    return packer.compress(body) + packer.flush()


def unpack(body: bytes) -> str:
    """A stored text, read back."""
    return zlib.decompress(body).decode("utf-8", "surrogatepass")


def pack_messages(messages: Sequence[tuple[str, Sequence[str]]]) -> tuple[str, dict[bytes, str]]:
    """A request as one short text that names its long parts by hash, and those parts by their hash."""
    long_parts: dict[bytes, str] = {}
    outline: list[list[object]] = []
    for speaker, parts in messages:
        line: list[object] = [speaker]
        for part in parts:
            if len(part) <= INLINE_CHARS:
                line.append(part)
            else:
                key = text_hash(part)
                long_parts[key] = part
                line.append([key.hex()])
        outline.append(line)
    return orjson.dumps(outline).decode(), long_parts

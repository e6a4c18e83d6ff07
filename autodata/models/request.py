"""What is asked of a model and what comes back: seats, requests, replies and their keys."""

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import orjson

from autodata.ledger.records import Finish, Usage
from autodata.model_settings import ModelSettings
from autodata.prompting import Message
from autodata.schemas import OptimizerRole, Role


class Seat(NamedTuple):
    """Where in a run a call belongs; its seed is derived from it, so that the same run asks the same."""

    document: str
    round: int
    role: Role | OptimizerRole
    attempt: int = 1
    ask: int = 1
    """1 for the first time of asking; each time an unreadable answer is asked again, one more."""
    set: str = "loop"

    def seed(self, run_seed: int) -> int:
        """A 31-bit seed, distinct for each seat: three attempts with one seed would be one attempt."""
        place = "|".join(map(str, (run_seed, *self)))
        return int.from_bytes(hashlib.sha256(place.encode()).digest()[:4], "big") >> 1


class Schema(NamedTuple):
    """A JSON schema that the answer must satisfy, and the name it is sent under."""

    name: str
    body: dict[str, Any]


@dataclass(frozen=True)
class Request:
    """One call, complete: nothing that changes the answer is outside it."""

    seat: Seat
    settings: ModelSettings
    messages: tuple[Message, ...]
    seed: int
    schema: Schema | None = None

    def again(self, ask: int, run_seed: int) -> "Request":
        """The same question asked once more, with another seed."""
        seat = self.seat._replace(ask=ask)
        return replace(self, seat=seat, seed=seat.seed(run_seed))

    @cached_property
    def key(self) -> bytes:
        """The ledger's key: a hash of endpoint, model, sampling, schema, rendered messages and seed."""
        asked = [
            self.settings.endpoint,
            self.settings.model,
            self.settings.structured,
            self.settings.temperature,
            self.settings.max_tokens,
            self.settings.extra,
            self.settings.omit,
            list(self.schema or ()),
            [[message.speaker, message.text] for message in self.messages],
            self.seed,
        ]
        return hashlib.sha256(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)).digest()[:16]


@dataclass(frozen=True, slots=True)
class Reply:
    """A model's answer: the text to judge, the hidden thinking kept apart, and why it ended."""

    key: bytes
    text: str
    thinking: str
    finish: Finish
    usage: Usage
    replayed: bool

    @property
    def truncated(self) -> bool:
        """Whether the token limit cut the answer off."""
        return self.finish == "length"

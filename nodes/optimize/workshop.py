"""What the optimizer's nodes work with: candidates on disk, documents, traces and the way to its two roles."""

import hashlib
import random
from collections.abc import Sequence
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import PrivateAttr

from autodata.errors import UsageError
from autodata.models.gateway import Line
from autodata.models.request import Request, Schema, Seat
from autodata.optimizer.candidates import PromptSet
from autodata.optimizer.population import TEMPERATURE
from autodata.prompting import PROMPTS, Domain, Message, Prompt, domain_homes, load_domain
from autodata.schemas import Document, Frozen, OptimizerRole
from autodata.tracing.sink import TraceClient
from autodata.tracing.source import LocalTraces, TraceSource
from nodes.resources import Resources

ROLE_TEMPERATURE: dict[OptimizerRole, float] = {"analyzer": 0.0, "implementer": 1.0}
"""The implementer samples: the same analysis should not lead to the same edit for ever."""


class Search(Frozen):
    """What an optimizer run is given and never changes."""

    iterations: int = 10
    minibatch: int = 8
    """Training documents an iteration."""
    temperature: float = TEMPERATURE
    seed: int = 0
    reuse: bool = True
    """Whether all validations share their seeds, so that a parent's runs are replayed and cost nothing.

    Without it each validation draws anew, as published, and a parent's evaluations are averaged.
    """

    _workshop: "Workshop | None" = PrivateAttr(default=None)

    @classmethod
    def of(cls, workshop: "Workshop", **given: int | float | bool) -> "Search":
        """A search whose nodes use a workshop that somebody else opened and will close."""
        search = cls.model_validate(given)
        search._workshop = workshop
        return search

    @property
    def workshop(self) -> "Workshop":
        """What the nodes work with; UsageError if nobody opened it."""
        if self._workshop is None:
            raise UsageError("the optimizer was given no documents and no folder; make its context by `Search.of`")
        return self._workshop

    def draw(self, *place: object) -> random.Random:
        """A source of random numbers for one place of the search, the same after a resume."""
        digest = hashlib.sha256("|".join(map(str, (self.seed, *place))).encode()).digest()
        return random.Random(digest)


@dataclass
class Workshop:
    """Everything that the optimizer's nodes share in one process."""

    resources: Resources
    folder: Path
    """`candidates/` and `traces/` are in it."""
    train: Sequence[Document]
    validation: Sequence[Document]
    tracer: TraceClient
    source: TraceSource
    baseline: PromptSet

    @classmethod
    def open(
        cls, resources: Resources, folder: Path, train: Sequence[Document], validation: Sequence[Document]
    ) -> "Workshop":
        """A workshop in a folder; `close` it."""
        traces = folder / "traces"
        resources.gateway.lines = {**resources.gateway.lines, **_lines(resources)}
        baseline = PromptSet.read(domain_homes(resources.settings.domains)[resources.domain.name])
        opened = cls(
            resources=resources,
            folder=folder,
            train=train,
            validation=validation,
            tracer=TraceClient(traces),
            source=LocalTraces(traces),
            baseline=baseline,
        )
        opened.keep(baseline)
        return opened

    def close(self) -> None:
        """Write what is left of the traces; the resources are their owner's to close."""
        self.tracer.close()

    def keep(self, prompts: PromptSet) -> None:
        """Put a candidate's files where it is looked for."""
        prompts.write(self._home(prompts.id) / self.resources.domain.name)

    def prompts(self, id: str) -> PromptSet:
        """A candidate's files; UsageError if they are not what its name says, or are gone."""
        found = None
        with suppress(OSError):
            found = PromptSet.read(self._home(id) / self.resources.domain.name)
        if found is None or found.id != id:
            raise UsageError(f"{self._home(id)} does not hold candidate {id}; it was changed or removed")
        return found

    def domain(self, id: str) -> Domain:
        """The domain with a candidate's prompts."""
        self.prompts(id)
        return load_domain(self.resources.domain.name, self._home(id))

    def request(
        self, role: OptimizerRole, place: tuple[int, int], messages: tuple[Message, ...], schema: Schema
    ) -> Request:
        """A request of one of the optimizer's roles, in an iteration and at a try."""
        settings = self.resources.settings.model(role)
        settings = settings.model_copy(update={"temperature": ROLE_TEMPERATURE[role]})
        seat = Seat("optimizer", place[0], role, place[1], set="optimizer")
        return Request(seat, settings, messages, seat.seed(self.resources.settings.seed), schema)

    def _home(self, id: str) -> Path:
        return self.folder / "candidates" / id


def prompt_of(role: OptimizerRole) -> Prompt:
    """The prompt of one of the optimizer's roles; it is outside the edit surface."""
    return Prompt.parse(role, (PROMPTS / "optimizer" / f"{role}.md").read_text("utf-8"))


def _lines(resources: Resources) -> dict[str, Line]:
    """The optimizer's roles speak through the orchestrator's endpoint, each at its own temperature."""
    line = resources.gateway.lines["orchestrator"]
    lines: dict[str, Line] = {}
    for role, temperature in ROLE_TEMPERATURE.items():
        wire = copy(line.wire)
        wire.chat = line.wire.chat.model_copy(update={"temperature": temperature})
        lines[role] = replace(line, wire=wire, replayed=0)
    return lines

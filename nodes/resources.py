"""What the nodes work with: domain, policy, ledger and the way to the models, made from the settings."""

import asyncio
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from autodata.acceptance import Policy
from autodata.documents.novelty import Accepted
from autodata.documents.selection import excerpt
from autodata.domains import usable_domain
from autodata.errors import AutodataError
from autodata.ledger.budget import Budget
from autodata.ledger.ledger import Ledger
from autodata.ledger.records import RoundRecord
from autodata.models.chat import close_sessions
from autodata.models.endpoint import Endpoint
from autodata.models.gateway import Gateway, Line
from autodata.models.local import LocalServers
from autodata.models.probing import with_ways
from autodata.models.request import Request, Schema, Seat
from autodata.models.wires import wire_for
from autodata.prompting import Domain, Message
from autodata.schemas import ROLES, Document, Item
from autodata.settings import Settings
from autodata.verifiers import Verifier, verifier_named


class ClosedRound(NamedTuple):
    """A round as it closes, for a person's eyes."""

    title: str
    item: Item | None
    record: RoundRecord


RoundSeen = Callable[[ClosedRound], None]


@dataclass
class Resources:
    """Everything that a run's nodes share in one process."""

    settings: Settings
    domain: Domain
    policy: Policy
    ledger: Ledger
    gateway: Gateway
    verifier: Verifier | None
    servers: LocalServers
    on_round: RoundSeen
    accepted: Accepted | None = None
    """The questions accepted so far; None on a server, where no documents make up a run."""
    documents: dict[str, Document] = field(default_factory=dict)
    """Those in flight, by id."""

    async def document(self, id: str) -> Document:
        """A document in full: state holds its id and title only."""
        if id not in self.documents:
            self.documents[id] = await self.ledger.read_document(id)
        return self.documents[id]

    async def shown(self, id: str, round: int) -> Document:
        """A document as a round shows it to challenger and quality verifier: a part of it if it is long."""
        document = await self.document(id)
        part = excerpt(document.text, self.settings.limits.document_tokens, round)
        if part.sections:
            self.ledger.excerpt(id, round, part.sections)
        return document.model_copy(update={"text": part.text})

    def request(self, seat: Seat, messages: tuple[Message, ...], schema: Schema | None = None) -> Request:
        """A complete request from a seat."""
        settings = self.settings.model(seat.role)
        return Request(seat, settings, messages, seat.seed(self.settings.seed), schema)

    async def close(self) -> None:
        """Let go of processes and connections; the ledger is its owner's to close."""
        await self.servers.close()
        for line in self.gateway.lines.values():
            line.wire.close()
        if self.verifier is not None:
            await self.verifier.close()
        await close_sessions()


async def open_resources(
    settings: Settings,
    ledger: Ledger,
    budget: Budget | None = None,
    on_round: RoundSeen = lambda _: None,
) -> Resources:
    """Resources for some settings; starts the embedded models' servers where the settings name them.

    Raises:
        UsageError: if the domain, a model file or a key is missing, or a prompt cannot be filled.
        EndpointError: if an embedded server does not start.
    """
    domain = usable_domain(settings)
    servers = LocalServers()
    embedded = {settings.model(role).model for role in ROLES if settings.model(role).provider == "embedded"}
    addresses = {model: await servers.address(model) for model in sorted(embedded)}
    # In a thread: setting a client up reads certificates, and a server's event loop must not wait for files.
    gateway = Gateway(await asyncio.to_thread(_lines, settings, addresses), ledger, budget or Budget())
    try:
        settings = await with_ways(settings, gateway)
    except AutodataError:
        await servers.close()
        await close_sessions()
        raise
    return Resources(
        settings=settings,
        domain=domain,
        policy=settings.decides,
        ledger=ledger,
        gateway=gateway,
        verifier=verifier_named(domain.file.verifier),
        servers=servers,
        on_round=on_round,
    )


def _lines(settings: Settings, addresses: Mapping[str, str]) -> dict[str, Line]:
    """Each role's way to its model; roles that share an endpoint share its limit, the smallest they name."""
    models = [settings.model(role) for role in ROLES]
    workers = max(int(os.environ.get("AUTODATA_WORKERS") or 1), 1)

    def limit(endpoint: str) -> int:
        smallest = min(model.max_concurrency for model in models if model.endpoint == endpoint)
        return max(smallest // workers, 1)  # each worker of a cluster keeps to its part, and none asks another

    endpoints = {
        model.endpoint: Endpoint(
            model.endpoint, limit(model.endpoint), model.api_key_env, settings.limits.outage_s
        )
        for model in models
    }
    return {
        role: Line(wire_for(model, addresses.get(model.model)), endpoints[model.endpoint])
        for role, model in zip(ROLES, models, strict=True)
    }

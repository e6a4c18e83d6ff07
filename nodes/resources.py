"""What the nodes work with: domain, policy, ledger and the way to the models, made from the settings."""

from collections.abc import Callable
from dataclasses import dataclass, field

from autodata.acceptance import Policy
from autodata.ledger.budget import Budget
from autodata.ledger.ledger import Ledger
from autodata.ledger.records import RoundRecord
from autodata.models.chat import chat_model, close_sessions
from autodata.models.endpoint import Endpoint
from autodata.models.gateway import Gateway, Line
from autodata.models.keys import key_for
from autodata.models.local import LocalServers
from autodata.models.request import Request, Schema, Seat
from autodata.prompting import Domain, Message, load_domain
from autodata.schemas import ROLES, Document
from autodata.settings import Settings
from autodata.verifiers import Verifier, verifier_named

RoundSeen = Callable[[RoundRecord], None]
"""Told of every round as it closes, for a person's eyes."""


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
    documents: dict[str, Document] = field(default_factory=dict)
    """Those in flight, by id."""

    async def document(self, id: str) -> Document:
        """A document in full: state holds its id and title only."""
        if id not in self.documents:
            self.documents[id] = await self.ledger.read_document(id)
        return self.documents[id]

    def request(self, seat: Seat, messages: tuple[Message, ...], schema: Schema | None = None) -> Request:
        """A complete request from a seat."""
        settings = self.settings.model(seat.role)
        return Request(seat, settings, messages, seat.seed(self.settings.seed), schema)

    async def close(self) -> None:
        """Let go of processes and connections; the ledger is its owner's to close."""
        await self.servers.close()
        if self.verifier is not None:
            await self.verifier.close()
        await close_sessions()


async def open_resources(
    settings: Settings,
    ledger: Ledger,
    budget: Budget | None = None,
    servers: LocalServers | None = None,
    on_round: RoundSeen = lambda _: None,
) -> Resources:
    """Resources for some settings; starts the embedded models' servers where the settings name them.

    Raises:
        UsageError: if the domain, a model file or a key is missing.
        EndpointError: if an embedded server does not start.
    """
    domain = load_domain(settings.domain)
    servers = servers or LocalServers()
    lines: dict[str, Line] = {}
    endpoints: dict[str, Endpoint] = {}
    for role in ROLES:
        model = settings.model(role)
        embedded = model.provider == "embedded"
        url = await servers.address(model.model) if embedded else model.base_url.rstrip("/")
        shared = [settings.model(other) for other in ROLES if settings.model(other).endpoint == model.endpoint]
        limit = min(other.max_concurrency for other in shared)
        endpoint = endpoints.setdefault(model.endpoint, Endpoint(model.endpoint, limit, model.api_key_env))
        lines[role] = Line(chat_model(model, url, None if embedded else key_for(model)), endpoint)
    return Resources(
        settings=settings,
        domain=domain,
        policy=settings.decides,
        ledger=ledger,
        gateway=Gateway(lines, ledger, budget or Budget()),
        verifier=verifier_named(domain.file.verifier),
        servers=servers,
        on_round=on_round,
    )

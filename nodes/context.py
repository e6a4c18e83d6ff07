"""What a run is given and never changes; in Studio, the fields of an assistant."""

import asyncio
import os
from collections.abc import AsyncGenerator, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from langgraph.runtime import Runtime
from pydantic import Field, PrivateAttr, model_validator

from autodata.documents.novelty import Accepted
from autodata.layers import Layer
from autodata.ledger.address import connect, database_url, sqlite_url
from autodata.ledger.budget import NO_CAPS, Budget, Caps
from autodata.ledger.ledger import Ledger
from autodata.ledger.shared_budget import SharedBudget
from autodata.ledger.summary import spent
from autodata.ledger.views import accepted_questions
from autodata.model_settings import ModelSettings
from autodata.models.local_files import home
from autodata.prompting import domain_homes, load_domain
from autodata.schemas import Role
from autodata.settings import DOMAINS_ENV, Settings, effective
from nodes.resources import Resources, open_resources

# Read once, when the graph is imported: a server's event loop must not wait for files.
if os.environ.get(DOMAINS_ENV):
    os.environ[DOMAINS_ENV] = os.path.abspath(os.environ[DOMAINS_ENV])
_domains = os.environ.get(DOMAINS_ENV) or None
for _name in domain_homes(_domains):
    load_domain(_name, _domains)


class Context(Settings):
    """The settings of a run. With none given, it runs on the embedded models."""

    models: dict[Role, ModelSettings] = Field(default_factory=dict)
    run: str = ""
    """The run in the server's ledger that a campaign's documents belong to; a campaign names its own."""
    caps: Caps = NO_CAPS
    """What that run may spend at most, on all servers together: calls, tokens, USD."""

    _resources: Resources | None = PrivateAttr(default=None)

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        domain = Layer("default", {"domain": cls.model_fields["domain"].default})
        return effective([domain, Layer("context", given)]).values

    @classmethod
    def of(cls, resources: Resources) -> "Context":
        """A context whose nodes use resources that somebody else opened and will close."""
        context = cls.model_validate(resources.settings.model_dump())
        context._resources = resources
        return context

    async def resources(self) -> Resources:
        """What the nodes work with; shared by all runs of this process with the same settings."""
        return self._resources or await _shared(self)


class LegalContext(Context):
    """The same, for the graph of the legal domain."""

    domain: str = "legal"


class ScienceContext(Context):
    """The same, for the graph of the science domain."""

    domain: str = "science"


def context_of(runtime: Runtime[Context]) -> Context:
    """The run's context; the defaults where none was given."""
    return runtime.context or Context()


# A hosted server or Studio gives each run a context of its own; what is behind equal ones is shared, a loop.
_Opened = dict[str, asyncio.Task[tuple[AsyncGenerator[Resources], Resources]]]
_opened: WeakKeyDictionary[asyncio.AbstractEventLoop, _Opened] = WeakKeyDictionary()


async def _shared(context: Context) -> Resources:
    """The resources behind a context, opened by the first run that needs them."""
    opened = _opened.setdefault(asyncio.get_running_loop(), {})
    key = context.model_dump_json()
    if key not in opened or (opened[key].done() and opened[key].exception() is not None):
        opened[key] = asyncio.create_task(_begin(_keep(context)))
    return (await asyncio.shield(opened[key]))[1]


async def _begin(keeper: AsyncGenerator[Resources]) -> tuple[AsyncGenerator[Resources], Resources]:
    return keeper, await anext(keeper)


async def _keep(context: Context) -> AsyncGenerator[Resources]:
    """Hold resources open; a loop that ends closes its open generators, and so what they hold."""
    ledger = await asyncio.to_thread(_server_ledger, context.run or "server")
    try:
        resources = await open_resources(context, ledger, await _budget(context, ledger))
        if context.run:
            resources.accepted = Accepted()
            for document, question in await ledger.read(lambda c: list(accepted_questions(c, ledger.run))):
                resources.accepted.add(document, question)
        try:
            yield resources
        finally:
            await resources.close()
    finally:
        ledger.close()


async def _budget(context: Context, ledger: Ledger) -> Budget:
    """The run's budget; where several servers may share the ledger, one for all of them."""
    url = _server_url()
    if url and context.caps.any:
        longest_s = max(model.timeout_s for model in context.models.values())
        return await asyncio.to_thread(
            SharedBudget, connect(database_url(url)), ledger.run, context.caps, longest_s
        )
    return Budget(context.caps, await ledger.read(lambda connection: spent(connection, ledger.run)))


def _server_url() -> str:
    """Where a server's ledger is; `AUTODATA_DATABASE_URL` is for servers with tables of their own in the other."""
    return os.environ.get("AUTODATA_DATABASE_URL") or os.environ.get("DATABASE_URL") or ""


def _server_ledger(run: str) -> Ledger:
    """The ledger of runs that nobody opened one for. Who runs the server says where it is, and no context."""
    if url := _server_url():
        return Ledger.open(database_url(url), name=run)
    home().mkdir(parents=True, exist_ok=True)
    return Ledger.open(sqlite_url(home() / "server.db"), name=run)

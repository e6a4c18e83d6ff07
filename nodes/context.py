"""What a run is given and never changes; in Studio, the fields of an assistant."""

import asyncio
import os
from collections.abc import AsyncGenerator, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from langgraph.runtime import Runtime
from pydantic import Field, PrivateAttr, model_validator

from autodata.layers import Layer
from autodata.ledger.address import database_url, sqlite_url
from autodata.ledger.ledger import Ledger
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
    ledger = await asyncio.to_thread(_server_ledger, context.ledger)
    try:
        resources = await open_resources(context, ledger)
        try:
            yield resources
        finally:
            await resources.close()
    finally:
        ledger.close()


def _server_ledger(given: str) -> Ledger:
    """The ledger of runs that nobody opened one for: `ledger`, `DATABASE_URL`, or a file in autodata's home."""
    if url := given or os.environ.get("DATABASE_URL"):
        return Ledger.open(database_url(url), name="server")
    home().mkdir(parents=True, exist_ok=True)
    return Ledger.open(sqlite_url(home() / "server.db"), name="server")

"""The same campaign with the documents on a LangGraph server: one thread a document, its evidence brought home."""

import asyncio
import json
import uuid
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from operator import itemgetter
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import httpx
from langgraph_sdk import get_client
from langgraph_sdk.errors import APIStatusError, LangGraphError

from autodata import errors
from autodata.documents.sources import Source
from autodata.domains import usable_domain
from autodata.errors import AutodataError, EndpointError
from autodata.ledger.budget import NOTHING, Budget, Spend
from autodata.ledger.ledger import Ledger
from autodata.ledger.records import RoundRecord
from autodata.ledger.transfer import Rows
from autodata.ledger.views import rounds_of
from autodata.models.gateway import Gateway
from autodata.models.local import LocalServers
from autodata.schemas import Document, fingerprint
from autodata.settings import Settings
from graphs.auth import token
from graphs.driver import Campaign, Tally
from nodes.conclude import EVIDENCE
from nodes.resources import ClosedRound, Resources, RoundSeen

TRIES = 6
_PORTS = {"http": 80, "https": 443}
LOOK_EVERY_S = 30.0
"""How often a run that is being streamed is looked at beside its stream."""
FIRST_WAIT_S = 0.5
"""After a lost connection; it doubles. A server that restarts is back within the sum, half a minute."""


def run_name(directory: Path, manifest: Mapping[str, Any]) -> str:
    """The run's name on the server: the same whenever the same run is gone on with."""
    return f"{directory.resolve().name}-{fingerprint(json.dumps(manifest, sort_keys=True))[:12]}"


def remote_resources(settings: Settings, ledger: Ledger, budget: Budget, on_round: RoundSeen) -> Resources:
    """What the campaign needs here: a ledger. The models, and the keys to them, are the server's."""
    return Resources(
        settings=settings,
        domain=usable_domain(settings),
        policy=settings.decides,
        ledger=ledger,
        gateway=Gateway({}, ledger, budget),
        verifier=None,
        servers=LocalServers(),
        on_round=on_round,
    )


class RemoteCampaign(Campaign):
    """One session of a run whose documents a server takes to their verdicts.

    A thread's id follows from the run's name and the document, and the server's ledger replays what was paid:
    a document that was cut off, here or there, is simply run again.
    """

    def __init__(
        self,
        resources: Resources,
        sources: Sequence[Source],
        target: int | None = None,
        on_change: Callable[[Tally], None] = lambda _: None,
        *,
        server: str,
        name: str,
    ) -> None:
        super().__init__(resources, sources, target, on_change)
        self._server = server
        self._name = name
        self._assistant = resources.domain.file.graph
        caps = list(resources.gateway.budget.caps)
        self._given = {**resources.settings.model_dump(mode="json", exclude={"ledger"}), "run": name, "caps": caps}
        bearer = token()
        # No `api_key`: the SDK would else send a LangSmith key from the environment to this server.
        self._client = get_client(
            url=server, api_key=None, headers={"Authorization": f"Bearer {bearer}"} if bearer else None
        )
        self._running: set[asyncio.Task[Rows]] = set()

    async def run(self) -> AutodataError | None:
        """Take every document to its verdict; EndpointError at once if nothing listens at the server's address."""
        place = urlsplit(self._server)
        try:
            _, probe = await asyncio.open_connection(place.hostname, place.port or _PORTS.get(place.scheme))
        except OSError:
            raise EndpointError(f"no server answers at {self._server}; start it, or mend --server") from None
        probe.close()
        return await super().run()

    def stop(self, reason: AutodataError) -> None:
        """Begin no more documents; those in flight are given up here and cancelled there."""
        super().stop(reason)
        for task in self._running:
            task.cancel()

    async def _run_document(self, document: Document) -> str:
        task = asyncio.create_task(self._evidence(document))
        self._running.add(task)
        try:
            evidence = await task
        except asyncio.CancelledError:
            if self._failure is None:
                raise
            raise self._failure from None
        finally:
            self._running.discard(task)
        await self.resources.ledger.take(evidence)
        await self._tell(document, evidence)
        return str(evidence["outcomes"][0]["verdict"])

    async def _tell(self, document: Document, evidence: Rows) -> None:
        """Tell whoever watches what the document's rounds came to and cost."""
        ledger = self.resources.ledger
        views = await ledger.read(lambda connection: list(rounds_of(connection, ledger.run, [document.id])))
        for view, row in zip(views, sorted(evidence["rounds"], key=itemgetter("round")), strict=True):
            item = view.item.hash if view.item else None
            record = RoundRecord(**{**row, "item": item, "feedback": view.feedback})
            self.resources.on_round(ClosedRound(view.title, view.item, record))
        for call in evidence["calls"]:
            if not call["others"]:
                spent = Spend(1, call["tokens_in"] + call["tokens_out"], call["cost"])
                self.resources.gateway.budget.settle(NOTHING, spent)

    async def _evidence(self, document: Document) -> Rows:
        """Run a document on the server until its evidence is here; what a restart cuts off is run again."""
        for tried in range(TRIES):
            try:
                return await self._streamed(document)
            except (httpx.HTTPError, LangGraphError) as problem:
                if isinstance(problem, APIStatusError) and problem.status_code < 500:
                    raise EndpointError(f"the server {self._server} refuses: {problem.message}") from None
                lost = problem
            if tried < TRIES - 1:
                await asyncio.sleep(FIRST_WAIT_S * 2**tried)
        raise EndpointError(f"the server {self._server} fails: {lost or type(lost).__name__}; see its log")

    async def _streamed(self, document: Document) -> Rows:
        """One run of the document's thread; the server gives it up if this connection ends."""
        thread = str(uuid.uuid5(uuid.NAMESPACE_URL, f"autodata:{self._name}/{document.id}"))
        begun: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        stream = self._client.runs.stream(
            thread,
            self._assistant,
            input={"document": document.model_dump()},
            context=self._given,
            stream_mode=["custom"],
            if_not_exists="create",
            multitask_strategy="enqueue",
            on_disconnect="cancel",
            durability="exit",
            on_run_created=lambda run: None if begun.done() else begun.set_result(run["run_id"]),
        )
        reading = asyncio.create_task(_read(cast(AsyncGenerator[Any], stream)))
        silent = asyncio.create_task(self._silent(thread, begun))
        try:
            await asyncio.wait({reading, silent}, return_when=asyncio.FIRST_COMPLETED)
            if not reading.done():
                raise httpx.ReadError("the run ended, and its stream did not say so")
            return await reading
        finally:
            reading.cancel()
            silent.cancel()

    async def _silent(self, thread: str, begun: asyncio.Future[str]) -> None:
        """Return when a run is over while its stream still tells nothing: no document waits for ever."""
        run = await begun
        status = "pending"
        while status in ("pending", "running"):
            await asyncio.sleep(LOOK_EVERY_S)
            with suppress(httpx.HTTPError, LangGraphError):
                status = (await self._client.runs.get(thread, run))["status"]
        await asyncio.sleep(LOOK_EVERY_S)


async def _read(stream: AsyncGenerator[Any]) -> Rows:
    """A run's evidence, from its stream."""
    found: Rows | None = None
    async with aclosing(stream):
        async for part in stream:
            if part.event == "error":
                raise _failure(part.data)
            if part.event == "custom" and EVIDENCE in part.data:
                found = part.data[EVIDENCE]
    if found is None:
        raise httpx.ReadError("the run's stream ended before its verdict")
    return found


def _failure(told: Mapping[str, Any]) -> Exception:
    """What ended a run on the server: a failure of ours by its name, which sets the exit status, or a lost run."""
    kind = getattr(errors, str(told.get("error")), None)
    said = f"on the server: {told.get('message') or told.get('error')}"
    if isinstance(kind, type) and issubclass(kind, AutodataError):
        return kind(said)
    return httpx.ReadError(said)

"""The one way to a model: replay what was asked before, keep the budget, ask, record, and only then answer."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

import orjson
from langchain_core.messages import AIMessage

from autodata.errors import AutodataError, ReplyError
from autodata.ledger.budget import Budget, Spend
from autodata.ledger.ledger import Ledger
from autodata.ledger.records import CallRecord, Usage
from autodata.model_settings import ModelSettings
from autodata.models.endpoint import Answered, Endpoint
from autodata.models.replay import show_replay
from autodata.models.replies import reply_of
from autodata.models.request import Reply, Request
from autodata.models.wires import Wire

MARKS, PREAMBLE = 16, 256
"""Tokens that a chat template adds at most: around each message, and once."""


@dataclass
class Line:
    """A role's way to its model."""

    wire: Wire
    endpoint: Endpoint
    replayed: int = 0
    """Calls that the ledger answered in this process."""


class Gateway:
    """Every model call of a process goes through one gateway."""

    def __init__(self, lines: Mapping[str, Line], ledger: Ledger, budget: Budget) -> None:
        self.lines = lines
        self.ledger = ledger
        self.budget = budget
        self._stopped: AutodataError | None = None
        self._in_flight: set[asyncio.Task[Reply]] = set()

    async def call(self, request: Request) -> Reply:
        """The answer to a request, from the ledger if it was asked before.

        A call that was begun is paid for: it ends and is recorded even if who asked is cancelled meanwhile.

        Raises:
            BudgetSpentError: if a cap would be passed; nothing was asked.
            EndpointError: if the endpoint is down or refuses.
            ReplyError: if only this request fails, or the provider's filter stopped the answer.
        """
        reply = await self._reply(request)
        if reply.finish == "filtered":
            reason = "the provider's content filter stopped the answer"
            self.unreadable(request, reason)
            raise ReplyError(reason)
        return reply

    @property
    def endpoints(self) -> list[Endpoint]:
        """Every endpoint once, however many roles share it."""
        return list({id(line.endpoint): line.endpoint for line in self.lines.values()}.values())

    async def _reply(self, request: Request) -> Reply:
        """The answer, recorded before or asked now."""
        recorded = await self.ledger.recall(request.seat.document, request.key)
        if recorded is not None:
            self.lines[request.seat.role].replayed += 1
            await show_replay(request, recorded)
            return Reply(
                request.key, recorded.reply, recorded.thinking, recorded.finish, recorded.usage, replayed=True
            )
        task = asyncio.create_task(self._asked(request))
        self._in_flight.add(task)
        task.add_done_callback(self._ended)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if task.cancelled() and self._stopped is not None:  # given up, and not only its asker
                raise self._stopped from None
            raise

    def unreadable(self, request: Request, reason: str) -> None:
        """Note that the answer to a request could not be read."""
        self.ledger.unreadable(request.key, reason)

    def stop(self, reason: AutodataError) -> None:
        """Ask nothing more: replays go on, calls in flight end and are recorded, all others raise `reason`."""
        self._stopped = self._stopped or reason
        for endpoint in self.endpoints:
            endpoint.hurry()

    async def drained(self) -> None:
        """Wait for the calls in flight."""
        while self._in_flight:
            await asyncio.wait(self._in_flight)

    def abandon(self) -> None:
        """Cancel the calls in flight: what they would have answered is lost."""
        for task in self._in_flight:
            task.cancel()

    async def _asked(self, request: Request) -> Reply:
        """Reserve, ask, settle, and record before anybody uses the answer."""
        line = self.lines[request.seat.role]

        async def ask() -> AIMessage:
            if self._stopped is not None:
                raise self._stopped
            return await line.wire.ask(request)

        most = _most(request)
        await self.budget.reserve(most, request.seat.document)
        spent = Spend()
        try:
            answer = await line.endpoint.call(ask)
            reply = _counted(request, reply_of(request, answer.message))
            spent = _spent(request.settings, reply.usage)
        finally:
            self.budget.settle(most, spent, request.seat.document)
        await self.ledger.record(_record(request, reply, spent.cost, answer))
        return reply

    def _ended(self, task: asyncio.Task[Reply]) -> None:
        self._in_flight.discard(task)
        if not task.cancelled():
            task.exception()  # mark it as seen: if nobody waits any more, nobody needs it


def _most(request: Request) -> Spend:
    """The most that a request can cost: its prompt by `_bytes_asked`, its answer by the limit sent with it."""
    settings = request.settings
    answers = settings.extra.get("n", 1)
    limits = [settings.extra.get(name, 0) for name in ("max_tokens", "max_completion_tokens")]
    return _spent(settings, Usage(_bytes_asked(request), 0, max(settings.max_tokens, *limits) * answers))


def _counted(request: Request, reply: Reply) -> Reply:
    """The reply; where the endpoint does not count tokens bytes are counted, or a cap would not hold."""
    if reply.usage.tokens_in:
        return reply
    out = len(reply.text.encode()) + len(reply.thinking.encode())
    return replace(reply, usage=Usage(_bytes_asked(request), 0, out))


def _bytes_asked(request: Request) -> int:
    """An upper bound of a prompt's tokens: a token is at least one byte of the text.

    Beside the text, servers put in what marks a message, the schema, and a preamble of their own.
    """
    schema = len(orjson.dumps(request.schema.body)) if request.schema else 0
    return sum(len(message.text.encode()) + MARKS for message in request.messages) + schema + PREAMBLE


def _spent(settings: ModelSettings, usage: Usage) -> Spend:
    cached = settings.price_in if settings.price_cached is None else settings.price_cached
    paid_in = (usage.tokens_in - usage.tokens_cached) * settings.price_in + usage.tokens_cached * cached
    cost = (paid_in + usage.tokens_out * settings.price_out) / 1e6
    return Spend(1, usage.tokens_in + usage.tokens_out, cost)


def _record(request: Request, reply: Reply, cost: float, answer: Answered) -> CallRecord:
    return CallRecord(
        key=request.key,
        document=request.seat.document,
        role=request.seat.role,
        model=request.settings.model,
        messages=[(message.speaker, message.parts) for message in request.messages],
        reply=reply.text,
        thinking=reply.thinking,
        finish=reply.finish,
        usage=reply.usage,
        cost=cost,
        retries=answer.retries,
        seconds=answer.seconds,
        at=time.time(),
    )

"""The one way to a model: replay what was asked before, keep the budget, ask, record, and only then answer."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from autodata.errors import AutodataError
from autodata.ledger.budget import Budget, Spend
from autodata.ledger.ledger import Ledger
from autodata.ledger.records import CallRecord, Usage
from autodata.models.chat import OpenAICompatibleChat, split_thinking
from autodata.models.endpoint import Answered, Endpoint
from autodata.models.request import Reply, Request
from autodata.settings import ModelSettings

_MESSAGE: Mapping[str, type[BaseMessage]] = {
    "system": SystemMessage,
    "user": HumanMessage,
    "assistant": AIMessage,
}


MARKS, PREAMBLE = 16, 256
"""Tokens that a chat template adds at most: around each message, and once."""


@dataclass
class Line:
    """A role's way to its model."""

    chat: OpenAICompatibleChat
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
            ReplyError: if only this request fails.
        """
        recorded = await self.ledger.recall(request.seat.document, request.key)
        if recorded is not None:
            self.lines[request.seat.role].replayed += 1
            return Reply(
                request.key, recorded.reply, recorded.thinking, recorded.finish, recorded.usage, replayed=True
            )
        task = asyncio.create_task(self._asked(request))
        self._in_flight.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    def unreadable(self, request: Request, reason: str) -> None:
        """Note that the answer to a request could not be read."""
        self.ledger.unreadable(request.key, reason)

    def stop(self, reason: AutodataError) -> None:
        """Ask nothing more: replays go on, calls in flight end and are recorded, all others raise `reason`."""
        self._stopped = self._stopped or reason
        for line in self.lines.values():
            line.endpoint.hurry()

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
            return await line.chat.ainvoke(_invocation(request), **_parameters(request))

        most = _most(request)
        await self.budget.reserve(most, request.seat.document)
        spent = Spend()
        try:
            answer = await line.endpoint.call(ask)
            reply = _reply(request, answer.message)
            spent = _spent(request.settings, reply.usage)
        finally:
            self.budget.settle(most, spent, request.seat.document)
        await self.ledger.record(_record(request, reply, spent.cost, answer))
        return reply

    def _ended(self, task: asyncio.Task[Reply]) -> None:
        self._in_flight.discard(task)
        if not task.cancelled():
            task.exception()  # mark it as seen: if nobody waits any more, nobody needs it


def _invocation(request: Request) -> list[BaseMessage]:
    return [_MESSAGE[message.speaker](message.text) for message in request.messages]


def _parameters(request: Request) -> dict[str, Any]:
    """The request's own fields: its seed, and how the answer's form is asked for."""
    parameters: dict[str, Any] = {"seed": request.seed}
    schema, way = request.schema, request.settings.structured
    if schema is not None and way == "json_schema":
        form = {"name": schema.name, "schema": schema.body, "strict": True}
        parameters["response_format"] = {"type": "json_schema", "json_schema": form}
    elif schema is not None and way == "json_object":
        parameters["response_format"] = {"type": "json_object"}
    return parameters


def _reply(request: Request, message: AIMessage) -> Reply:
    text, thinking = split_thinking(message)
    counted = message.usage_metadata
    usage = Usage()
    if counted is not None:
        cached = counted.get("input_token_details", {}).get("cache_read", 0)
        usage = Usage(counted["input_tokens"], cached, counted["output_tokens"])
    if not usage.tokens_in:
        # An endpoint that does not count is counted by bytes, or a cap on tokens or cost would not hold.
        usage = Usage(_bytes_asked(request), 0, len(text.encode()) + len(thinking.encode()))
    finish = str(message.response_metadata.get("finish_reason") or "stop")
    return Reply(request.key, text, thinking, finish, usage, replayed=False)


def _most(request: Request) -> Spend:
    """The most that a request can cost: its prompt by `_bytes_asked`, its answer by the limit sent with it."""
    settings = request.settings
    answers = settings.extra.get("n", 1)
    limits = [settings.extra.get(name, 0) for name in ("max_tokens", "max_completion_tokens")]
    return _spent(settings, Usage(_bytes_asked(request), 0, max(settings.max_tokens, *limits) * answers))


def _bytes_asked(request: Request) -> int:
    """An upper bound of a prompt's tokens: a token is at least one byte of the text.

    Beside the text, servers put in what marks a message, the schema, and a preamble of their own.
    """
    schema = len(orjson.dumps(request.schema.body)) if request.schema else 0
    return sum(len(message.text.encode()) + MARKS for message in request.messages) + schema + PREAMBLE


def _spent(settings: ModelSettings, usage: Usage) -> Spend:
    cost = (usage.tokens_in * settings.price_in + usage.tokens_out * settings.price_out) / 1e6
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

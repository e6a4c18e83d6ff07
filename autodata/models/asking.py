"""Asks for a structured answer: read it, ask for a repair that shows the error, ask afresh, then give up."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from autodata.errors import ReplyError
from autodata.models.gateway import Gateway
from autodata.models.request import Reply, Request
from autodata.prompting import Message

T = TypeVar("T")

_REPAIR = (
    "Your last answer cannot be used: {why}. "
    "Give the whole answer again as one JSON object of the form asked for, and nothing else."
)


async def ask_structured(
    gateway: Gateway, request: Request, read: Callable[[Reply], Awaitable[T]], run_seed: int, asks: int = 1
) -> T:
    """A readable answer to `request`.

    Args:
        gateway: the way to the models.
        request: the first request; later ones have the same messages and another seed.
        read: turns a reply into the answer, or raises ReplyError saying what is wrong with it.
        run_seed: the run's seed, from which the later requests' seeds are derived.
        asks: how often to ask afresh; each time one repair is asked for.

    Raises:
        ReplyError: if none of the answers could be read; the last one's problem.
    """
    asked = request = with_form(request)
    for turn in range(2 * asks):
        reply = await gateway.call(asked)
        try:
            return await read(reply)
        except ReplyError as problem:
            gateway.unreadable(asked, str(problem))
            last = problem
        fresh = request.again(turn + 2, run_seed)
        asked = fresh if turn % 2 else _repair(fresh, reply, last)
    raise last


def _repair(fresh: Request, reply: Reply, why: ReplyError) -> Request:
    """The request that shows a model its unusable answer and what is wrong with it."""
    shown: tuple[Message, ...] = ()
    if reply.text:  # several servers refuse an empty assistant message
        shown = (Message("assistant", (reply.text,)),)
    wish = Message("user", (_REPAIR.format(why=why),))
    return replace(fresh, messages=(*fresh.messages, *shown, wish))


def with_form(request: Request) -> Request:
    """The request with its schema spelled out at its end, for endpoints that cannot be sent one.

    Not at its start: a schema may change with the round, and prefix caches hold what comes before a change.
    """
    if request.schema is None or request.settings.structured in ("json_schema", "tools"):
        return request
    form = "\n\nAnswer with one JSON object that satisfies this JSON schema, and nothing else:\n"
    *others, last = request.messages
    shown = Message(last.speaker, (*last.parts, form, json.dumps(request.schema.body)))
    return replace(request, messages=(*others, shown))

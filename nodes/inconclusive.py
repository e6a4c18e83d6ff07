"""The check of an empty answer: did the solver say nothing, or is its endpoint down? Only the former counts."""

import asyncio
from dataclasses import replace
from itertools import count
from typing import NamedTuple

from autodata.errors import EndpointError
from autodata.models.request import Reply, Request
from autodata.prompting import Message
from nodes.resources import Resources

PROBE = (Message("user", ("What is 2 + 2? Answer with the number.",)),)
"""The published procedure's question (method reference 6.2)."""
WAITS_S = (0.5, 2.0)
"""After each silent probe but the last; then the endpoint counts as down."""


class Solved(NamedTuple):
    """A solver's answer that counts, and the request that got it."""

    request: Request
    reply: Reply


async def solve(resources: Resources, request: Request) -> Solved:
    """A solver's answer; an empty one only if its endpoint answers the probe at the same time.

    What an endpoint that is down answered is discarded and asked again: here, and in the next session of the run.

    Raises:
        EndpointError: if the endpoint is down: it is silent even to the probe.
        ReplyError: if only this request fails.
    """
    waits = iter(WAITS_S)
    for ask in count(2):
        reply = await resources.gateway.call(request)
        if _says_something(reply):
            return Solved(request, reply)
        probe = await resources.gateway.call(_probe(resources, request))
        if _says_something(probe):
            return Solved(request, reply)
        resources.gateway.unreadable(request, "discarded: the endpoint was silent, even to 2 + 2")
        if not probe.replayed:
            await _wait(next(waits, None), request)
        request = request.again(ask, resources.settings.seed)
    raise AssertionError("the loop only ends by returning or raising")


def _says_something(reply: Reply) -> bool:
    """Whether an endpoint is at work: a cut-off answer shows that too."""
    return bool(reply.text) or reply.truncated


def _probe(resources: Resources, request: Request) -> Request:
    seat = request.seat._replace(set="probe")
    return replace(request, seat=seat, seed=seat.seed(resources.settings.seed), messages=PROBE)


async def _wait(seconds: float | None, request: Request) -> None:
    if seconds is None:
        raise EndpointError(
            f"{request.settings.endpoint}: model {request.settings.model} gives empty answers, even to 2 + 2; "
            "see that it works and start again to go on"
        )
    await asyncio.sleep(seconds)

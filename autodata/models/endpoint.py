"""One endpoint: how many calls may be in flight, which failures are tried again, and when to give up."""

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import openai
from langchain_core.messages import AIMessage

from autodata.errors import EndpointError, ReplyError
from autodata.models.chat import TransportError

# Worth another try: the server is busy, slow or restarting. 529 is "overloaded" at some providers.
TRANSIENT = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
MAX_TRIES = 6
FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 30.0
LONGEST_RETRY_AFTER_S = 120.0


class Answered(NamedTuple):
    """An answer, how many tries before it failed, and the seconds of the one that succeeded."""

    message: AIMessage
    retries: int
    seconds: float


class Endpoint:
    """A server that one or several roles share, with one limit of calls in flight for all of them."""

    def __init__(self, name: str, max_concurrency: int, key_env: str) -> None:
        self.name = name
        self.in_flight = 0
        self._places = asyncio.Semaphore(max_concurrency)
        self._key_env = key_env
        self._last_success = float("-inf")
        self._hurried = asyncio.Event()

    async def call(self, ask: Callable[[], Awaitable[AIMessage]]) -> Answered:
        """Ask, and ask again after transient failures, with growing waits or as Retry-After says.

        Raises:
            EndpointError: if the endpoint is down, or refuses the key or the model.
            ReplyError: if only this request fails while the endpoint answers others.
        """
        begun = time.monotonic()
        for tried in range(MAX_TRIES):
            try:
                async with self._places:
                    self.in_flight += 1
                    started = time.monotonic()
                    try:
                        message = await ask()
                    finally:
                        self.in_flight -= 1
                self._last_success = time.monotonic()
                return Answered(message, tried, self._last_success - started)
            except (TransportError, openai.APIError) as problem:
                failure = _transport_error(problem)
            if failure.status is not None and failure.status not in TRANSIENT:
                break
            if tried < MAX_TRIES - 1:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._hurried.wait(), _wait(tried, failure.retry_after))
        raise self._given_up(failure, begun)

    def hurry(self) -> None:
        """Wait no longer between tries: the run is stopping."""
        self._hurried.set()

    def _given_up(self, failure: TransportError, begun: float) -> EndpointError | ReplyError:
        """What a call that stays unanswered means: this request's trouble, or the endpoint's."""
        said = f"{self.name} answered {failure.status}" if failure.status else f"{self.name} gives no answer"
        if failure.status in (401, 403):
            return EndpointError(f"{said}: the key in {self._key_env} is refused ({failure}); set a valid one")
        if failure.status == 404:
            return EndpointError(f"{said}: {failure}; check base_url and model in the configuration")
        if self._last_success > begun or (failure.status == 400 and self._last_success > float("-inf")):
            return ReplyError(f"{said}: {failure}")
        return EndpointError(f"{said}: {failure}; see that the server runs and start again to go on")


def _transport_error(problem: TransportError | openai.APIError) -> TransportError:
    """The same failure in our own terms; streaming goes through the SDK and raises its errors."""
    if isinstance(problem, TransportError):
        return problem
    status = problem.status_code if isinstance(problem, openai.APIStatusError) else None
    return TransportError(str(problem), status)


def _wait(tried: int, retry_after: float | None) -> float:
    """Seconds until the next try: what the server asks for, or an exponential wait with jitter."""
    if retry_after is not None:
        return min(retry_after, LONGEST_RETRY_AFTER_S)
    longest = min(FIRST_WAIT_S * 2**tried, LONGEST_WAIT_S)
    return random.uniform(longest / 2, longest)

"""One endpoint: how many calls may be in flight, which failures are tried again, and when to give up."""

import asyncio
import contextlib
import itertools
import random
import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from langchain_core.messages import AIMessage

from autodata.errors import EndpointError, ReplyError, RequestRefusedError
from autodata.models.circuit import Circuit
from autodata.models.failures import TransportError
from autodata.models.pace import Gate, Pace

# Worth another try: the server is busy, slow or restarting. 529 is "overloaded" at some providers.
TRANSIENT = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
BUSY = frozenset({429, 503, 529})
"""The server asks for fewer calls at once."""
REFUSED = frozenset({400, 413, 422})
"""The request is refused for what it holds; other requests may be answered."""
MAX_TRIES = 6
MAX_BUSY_TRIES = 20
"""A busy server that answers others will answer this call too."""
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

    def __init__(self, name: str, max_concurrency: int, key_env: str, outage_s: float = 600.0) -> None:
        self.name = name
        self.tell: Callable[[str], None] = lambda _: None
        """Told when the endpoint is waited for, and when it is back."""
        self.circuit = Circuit(outage_s)
        self._gate = Gate(Pace(max_concurrency))
        self._key_env = key_env
        self._numbers = itertools.count()
        self._probing = False
        self._changed = asyncio.Event()
        self._hurried = asyncio.Event()

    @property
    def in_flight(self) -> int:
        """How many calls are in flight."""
        return self._gate.inside

    @property
    def paused(self) -> str | None:
        """Why the endpoint is waited for, or None if it is not."""
        since = self.circuit.failing_since
        if not self.circuit.open or since is None:
            return None
        return f"{self.name} is waited for since {time.monotonic() - since:.0f} s: {self.circuit.trouble}"

    async def call(self, ask: Callable[[], Awaitable[AIMessage]]) -> Answered:
        """Ask, and ask again after transient failures, with growing waits or as Retry-After says.

        While the endpoint is down all its calls wait, but for one that probes it now and then.

        Raises:
            EndpointError: if the endpoint is down for too long, or refuses the key, the model or a setting.
            ReplyError: if only this request fails while the endpoint answers others.
        """
        number, begun, tried, retries = next(self._numbers), time.monotonic(), 0, 0
        started = begun

        async def timed() -> AIMessage:
            nonlocal started
            started = time.monotonic()  # waiting for a place is not the endpoint's time
            return await ask()

        while True:
            if self.circuit.open:
                probes = await self._turn()
                begun, tried = time.monotonic(), 0  # what failed while the endpoint was down is not this call's
            else:
                probes = False
            try:
                message = await (self._probe(timed) if probes else self._through(timed))
            except TransportError as problem:
                failure = problem
            else:
                self._succeeded()
                return Answered(message, retries, time.monotonic() - started)
            tried, retries = tried + 1, retries + 1
            if failure.status is not None and failure.status not in TRANSIENT:
                raise self._refused(failure)
            self._failed(number, failure, probes)
            if self.circuit.open:
                continue
            if tried >= _allowed(failure, self.circuit.proven):
                self._exhausted(failure, begun)
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._hurried.wait(), _wait(tried, failure.retry_after))

    def hurry(self) -> None:
        """Wait no longer between tries: the run is stopping."""
        self._hurried.set()
        self._wake()

    async def _turn(self) -> bool:
        """Wait while the endpoint is down; true if this call is the one that probes it.

        Raises:
            EndpointError: if it was down for too long.
        """
        while self.circuit.open and not self._hurried.is_set():
            now = time.monotonic()
            left = self.circuit.until_end(now)
            if left <= 0:
                raise self._down(f"for {self.circuit.outage_s:g} s it gave no answer ({self.circuit.trouble})")
            wait = self.circuit.until_probe(now)
            if wait <= 0 and not self._probing:
                self._probing = True
                return True
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), min(left, wait) if wait > 0 else left)
        return False

    async def _probe(self, ask: Callable[[], Awaitable[AIMessage]]) -> AIMessage:
        """Ask outside the limit: calls that hang may hold all places."""
        try:
            return await ask()
        finally:
            self._probing = False

    async def _through(self, ask: Callable[[], Awaitable[AIMessage]]) -> AIMessage:
        """Ask when there is a place, and learn from a refusal how many there should be."""
        await self._gate.enter()
        mark = self._gate.pace.begin()
        try:
            return await ask()
        except TransportError as failure:
            if failure.status in BUSY:
                self._gate.pace.throttled(mark)
            raise
        finally:
            self._gate.leave()

    def _succeeded(self) -> None:
        self._gate.pace.succeeded()
        if self.circuit.succeeded(time.monotonic()):
            self.tell(f"{self.name} answers again; going on")
            self._wake()

    def _failed(self, number: int, failure: TransportError, probed: bool) -> None:
        asked = None if failure.retry_after is None else min(failure.retry_after, LONGEST_RETRY_AFTER_S)
        if self.circuit.failed(time.monotonic(), number, self._said(failure), probed, asked):
            self._say_paused()
        self._wake()

    def _exhausted(self, failure: TransportError, begun: float) -> None:
        """What a call that has used up its tries means: this request's trouble, or the endpoint's.

        Raises:
            EndpointError: if the endpoint has never answered.
            ReplyError: if the trouble is this request's.
        """
        if not self.circuit.proven:
            raise self._down(self._said(failure))
        own = failure.status == 500 or failure.timed_out
        if not self.circuit.exhausted(time.monotonic(), begun, own):
            raise ReplyError(self._said(failure))
        self._say_paused()

    def _refused(self, failure: TransportError) -> EndpointError | ReplyError:
        """What a refusal means: the key, the model, a setting, or what this one request holds."""
        said = self._said(failure)
        if failure.status in (401, 403):
            return EndpointError(f"{said}; the key in {self._key_env} is refused: set a valid one")
        if failure.mend is not None:
            return RequestRefusedError(f"{said}; {failure.mend}")
        if failure.status in REFUSED and self.circuit.proven:
            return ReplyError(said)
        kind = RequestRefusedError if failure.status in REFUSED else EndpointError
        return kind(f"{said}; check base_url and model in the configuration")

    def _said(self, failure: TransportError) -> str:
        if failure.status is None:
            return f"{self.name} gives no answer: {failure}"
        return f"{self.name} answered {failure.status}: {failure}"

    def _down(self, said: str) -> EndpointError:
        name = "" if said.startswith(self.name) else f"{self.name}: "
        return EndpointError(f"{name}{said}; see that the server runs and start again to go on")

    def _say_paused(self) -> None:
        left = self.circuit.until_end(time.monotonic())
        self.tell(f"waiting for the endpoint: {self.circuit.trouble}; it is probed, and given up in {left:.0f} s")

    def _wake(self) -> None:
        """Let whoever waits for the endpoint look again."""
        self._changed.set()
        self._changed = asyncio.Event()


def _allowed(failure: TransportError, proven: bool) -> int:
    """How many tries a call has; fewer at an endpoint that never answered: a dead one is to be seen at once."""
    if failure.timed_out:
        return 3 if proven else 2
    if not proven:
        return 4 if failure.status is None else MAX_TRIES
    return MAX_BUSY_TRIES if failure.status in BUSY else MAX_TRIES


def _wait(tried: int, retry_after: float | None) -> float:
    """Seconds until the next try: what the server asks for, or an exponential wait with jitter."""
    if retry_after is not None:
        return min(retry_after, LONGEST_RETRY_AFTER_S)
    longest = min(FIRST_WAIT_S * 2 ** (tried - 1), LONGEST_WAIT_S)
    return random.uniform(longest / 2, longest)

"""How many calls an endpoint may hold at once: fewer when it says that it is busy, more again as it answers."""

import asyncio
from collections import deque

DECREASE = 0.7
"""What a refusal leaves of the limit: gentler than halving, since one refusal may be chance."""
ROUNDS_TO_FULL = 16
"""Additive increase: so many rounds of answered calls lead from 1 to the configured limit."""


class Pace:
    """Additive increase, multiplicative decrease of a limit between 1 and `most`.

    A burst of calls that is refused together lowers the limit once: only a call that was begun after the last
    decrease can lower it again.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._limit = float(most)
        self._decreases = 0

    @property
    def limit(self) -> int:
        """How many calls may be in flight."""
        return int(self._limit)

    def begin(self) -> int:
        """The mark of a call that begins now; `throttled` wants it back."""
        return self._decreases

    def succeeded(self) -> None:
        """An answer came: a full round of them raises the limit by a sixteenth of the configured one."""
        step = max(self.most / ROUNDS_TO_FULL, 1.0)
        self._limit = min(self._limit + step / self._limit, float(self.most))

    def throttled(self, begun: int) -> None:
        """The endpoint said that it is busy."""
        if begun == self._decreases:
            self._decreases += 1
            self._limit = max(self._limit * DECREASE, 1.0)


class Gate:
    """Lets so many calls in as the pace allows, in the order in which they came."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self.inside = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def enter(self) -> None:
        """Wait for a place and take it."""
        if not self._waiting and self.inside < self.pace.limit:
            self.inside += 1
            return
        place = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.cancelled():
                self._waiting.remove(place)
            else:  # the place was given in the same moment
                self.leave()
            raise

    def leave(self) -> None:
        """Give a place back; whoever waits may come in, as many as there is room for now."""
        self.inside -= 1
        while self._waiting and self.inside < self.pace.limit:
            place = self._waiting.popleft()
            if not place.done():
                self.inside += 1
                place.set_result(None)

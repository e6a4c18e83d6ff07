"""Hard caps on calls, tokens and cost: reserved before a call by an upper bound, settled after it."""

import asyncio
from typing import NamedTuple

from autodata.errors import BudgetSpentError


class Spend(NamedTuple):
    """What calls came to, or may come to at most."""

    calls: int = 0
    tokens: int = 0
    cost: float = 0.0

    def plus(self, other: "Spend") -> "Spend":
        """Both together."""
        return Spend(self.calls + other.calls, self.tokens + other.tokens, self.cost + other.cost)

    def minus(self, other: "Spend") -> "Spend":
        """This without the other."""
        return Spend(self.calls - other.calls, self.tokens - other.tokens, self.cost - other.cost)


class Caps(NamedTuple):
    """The most that a run may spend in all its sessions; None is no cap."""

    calls: int | None = None
    tokens: int | None = None
    cost: float | None = None

    def passed_by(self, spend: Spend) -> str | None:
        """The cap that `spend` would pass, in words, or None."""
        if self.calls is not None and spend.calls > self.calls:
            return f"--max-calls {self.calls}"
        if self.tokens is not None and spend.tokens > self.tokens:
            return f"--max-tokens {self.tokens}"
        if self.cost is not None and spend.cost > self.cost:
            return f"--max-cost {self.cost:g}"
        return None


NO_CAPS = Caps()
NOTHING = Spend()


class Budget:
    """What is spent and what is reserved; no call starts that could pass a cap."""

    def __init__(self, caps: Caps = NO_CAPS, spent: Spend = NOTHING) -> None:
        self.caps = caps
        self.spent = spent
        self.reserved = NOTHING
        self._changed = asyncio.Event()

    async def reserve(self, most: Spend) -> None:
        """Set aside what a call may cost at most.

        While calls in flight hold reservations, waits for them to settle: they mostly cost less than reserved.

        Raises:
            BudgetSpentError: if the call could pass a cap with nothing else in flight.
        """
        while cap := self.caps.passed_by(self.spent.plus(self.reserved).plus(most)):
            if self.reserved.calls == 0:
                raise BudgetSpentError(
                    f"{cap} is reached after {self.spent.calls} calls and {self.spent.cost:.4f} USD; "
                    "start again with a larger cap to go on"
                )
            self._changed.clear()
            await self._changed.wait()
        self.reserved = self.reserved.plus(most)

    def settle(self, most: Spend, actual: Spend) -> None:
        """Replace a reservation by what the call really cost; an unanswered call costs nothing."""
        self.reserved = self.reserved.minus(most)
        self.spent = self.spent.plus(actual)
        self._changed.set()

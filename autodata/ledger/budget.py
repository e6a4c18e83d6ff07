"""Hard caps on calls, tokens and cost: reserved before a call by an upper bound, settled after it.

Depth first: while the cap is far, documents run side by side; where it comes near, a later document waits until
what the earlier ones still need is sure to be left, so that what was spent has produced items.
"""

import asyncio
import functools
import math
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

    @property
    def any(self) -> bool:
        """Whether there is a cap at all."""
        return self != NO_CAPS


NO_CAPS = Caps()
NOTHING = Spend()

USUAL_CALLS = 60
"""Calls that a document takes, until one is done: about 5 rounds of 12 (method reference 2.4)."""
LEAST_LEFT = 0.25
"""A document that has used up the usual spend is taken to need this share of it still."""


class Budget:
    """What is spent and what is reserved; no call starts that could pass a cap."""

    def __init__(self, caps: Caps = NO_CAPS, spent: Spend = NOTHING, done: int = 0) -> None:
        """Begin with what earlier sessions spent, and the number of documents that they took to a verdict."""
        self.caps = caps
        self.spent = spent
        self.reserved = NOTHING
        self._done = done
        self._open: dict[str, Spend] = {}  # documents in flight, in the order of their beginning: spent so far
        self._changed = asyncio.Event()

    def begin(self, document: str) -> None:
        """A document is begun: all that were begun before it come first where the budget is short."""
        self._open[document] = NOTHING

    def end(self, document: str) -> None:
        """A document has its verdict, or is given up."""
        if self._open.pop(document, NOTHING).calls:
            self._done += 1
        self._changed.set()

    async def reserve(self, most: Spend, document: str = "") -> None:
        """Set aside what a call may cost at most.

        While calls in flight hold reservations, waits for them to settle: they mostly cost less than reserved.

        Raises:
            BudgetSpentError: if the call could pass a cap with nothing else in flight.
        """
        while self.caps.passed_by(self._held().plus(most).plus(self._needed_before(document, most))):
            cap = self.caps.passed_by(self._held().plus(most))
            if cap and self.reserved.calls == 0:
                raise BudgetSpentError(
                    f"{cap} is reached after {self.spent.calls} calls and {self.spent.cost:.4f} USD; "
                    "start again with a larger cap to go on"
                )
            self._changed.clear()
            await self._changed.wait()
        self.reserved = self.reserved.plus(most)

    def settle(self, most: Spend, actual: Spend, document: str = "") -> None:
        """Replace a reservation by what the call really cost; an unanswered call costs nothing."""
        self.reserved = self.reserved.minus(most)
        self.spent = self.spent.plus(actual)
        if document in self._open:
            self._open[document] = self._open[document].plus(actual)
        self._changed.set()

    def _held(self) -> Spend:
        return self.spent.plus(self.reserved)

    def _needed_before(self, document: str, most: Spend) -> Spend:
        """What the documents begun before this one are expected to need still."""
        needed = NOTHING
        if not self.caps.any or document not in self._open:
            return needed
        usual = self._usual(most)
        for other, used in self._open.items():
            if other == document:
                break
            left = [max(u - x, u * LEAST_LEFT) for u, x in zip(usual, used, strict=True)]
            needed = needed.plus(Spend(math.ceil(left[0]), math.ceil(left[1]), left[2]))
        return needed

    def _usual(self, most: Spend) -> Spend:
        """What a document takes: the mean of those that are done, or the published one at this call's price."""
        if self._done:
            at_open = functools.reduce(Spend.plus, self._open.values(), NOTHING)
            done = self.spent.minus(at_open)
            return Spend(
                math.ceil(done.calls / self._done), math.ceil(done.tokens / self._done), done.cost / self._done
            )
        return Spend(USUAL_CALLS, USUAL_CALLS * most.tokens, USUAL_CALLS * most.cost)

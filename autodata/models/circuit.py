"""When an endpoint counts as down: its circuit opens, is probed now and then, and closes with the first answer."""

STEADY_FAILURES = 6
STEADY_S = 5.0
"""So many failures, and for so long, without one answer between them: the endpoint fails steadily."""
FIRST_PROBE_S = 1.0
LONGEST_PROBE_S = 30.0


class Circuit:
    """An endpoint's health, from its calls' successes and failures; every time is in seconds and given."""

    def __init__(self, outage_s: float) -> None:
        self.outage_s = outage_s
        self.proven = False
        """Whether it has answered at all: one that never did is not waited for."""
        self.open = False
        self.last_success = float("-inf")
        self.failing_since: float | None = None
        self.trouble = ""
        """What the last failure said."""
        self._failures = 0
        self._callers: set[int] = set()
        self._lone = 0
        self._probes = 0
        self._next_probe = 0.0

    def succeeded(self, now: float) -> bool:
        """Note an answer; true if it closed the circuit."""
        closed = self.open
        self.proven, self.open = True, False
        self.last_success, self.failing_since = now, None
        self._failures = self._lone = self._probes = 0
        self._callers.clear()
        return closed

    def failed(self, now: float, call: int, trouble: str, probe: bool = False, wait: float | None = None) -> bool:
        """Note a failure that may pass; true if it opened the circuit.

        Args:
            now: the time.
            call: the number of the call; failures of one call alone may be its own.
            trouble: what it said.
            probe: whether the failed call was the one that probed; the next probe is further away then.
            wait: how long the server asks to wait.
        """
        self.trouble = trouble
        self._failures += 1
        self._callers.add(call)
        if self.failing_since is None:
            self.failing_since = now
        if self.open:
            if probe:
                self._probes += 1
                self._plan(now, wait)
            return False
        steady = self._failures >= STEADY_FAILURES and now - self.failing_since >= STEADY_S
        return steady and len(self._callers) > 1 and self._opened(now, wait)

    def exhausted(self, now: float, begun: float, own: bool) -> bool:
        """Note that a call has used up its tries; true if that shows the endpoint's trouble, not the call's.

        Args:
            now: the time.
            begun: when the call began; an answer to another one since then clears the endpoint.
            own: whether the failure may be this request's own, such as a crash over its text: then it takes
                a second such call to blame the endpoint.
        """
        if not self.proven or self.last_success > begun:
            return False
        self._lone += 1
        if own and self._lone < 2:
            return False
        return self.open or self._opened(now, None)

    def until_probe(self, now: float) -> float:
        """Seconds until a call may be let through to see whether the endpoint is back."""
        return max(self._next_probe - now, 0.0)

    def until_end(self, now: float) -> float:
        """Seconds until the outage has lasted too long."""
        return (now if self.failing_since is None else self.failing_since) + self.outage_s - now

    def _opened(self, now: float, wait: float | None) -> bool:
        self.open = self.proven
        self._plan(now, wait)
        return self.open

    def _plan(self, now: float, wait: float | None) -> None:
        grown = min(FIRST_PROBE_S * 2**self._probes, LONGEST_PROBE_S)
        self._next_probe = now + (grown if wait is None else wait)

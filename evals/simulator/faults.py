"""What goes wrong on purpose: each fault is an option with the share of the calls that it hits."""

from collections import Counter
from dataclasses import dataclass, fields

from autodata.errors import UsageError
from evals.simulator.truth import draw


@dataclass(frozen=True)
class Faults:
    """Shares between 0 and 1, but for `mute`, which is a number, and `slow_start`, which is in seconds."""

    rate_limit: float = 0.0
    """Answered 429 with Retry-After; the next try of the same request is drawn anew."""
    error: float = 0.0
    """Answered 500."""
    hang: float = 0.0
    """Never answered."""
    unreadable: float = 0.0
    """Answered with text that is no JSON, where JSON is asked for."""
    truncated: float = 0.0
    """Cut off in the middle, with finish reason `length`."""
    reasoning_only: float = 0.0
    """All tokens spent on hidden thinking: no text, finish reason `length`."""
    empty: float = 0.0
    """A solver's answer is an empty text that ended normally; the probe `2 + 2` is answered."""
    mute: float = 0.0
    """How many of the solvers' first answers are empty, the probe's too."""
    slow_start: float = 0.0
    """Seconds after the start in which every call is answered 503."""

    @classmethod
    def parse(cls, text: str) -> "Faults":
        """Read `name=share,name=share`; UsageError names what is not known."""
        known = {field.name for field in fields(cls)}
        shares: dict[str, float] = {}
        for part in filter(None, text.split(",")):
            name, _, share = part.partition("=")
            if name.strip() not in known:
                raise UsageError(f"no fault {name.strip()!r}; known: {', '.join(sorted(known))}")
            try:
                shares[name.strip()] = float(share)
            except ValueError:
                raise UsageError(f"fault {name.strip()} needs a number, not {share!r}") from None
        return cls(**shares)


class FaultDraw:
    """Decides for each request what goes wrong: in transport anew each try, in answers always the same."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self._tries: Counter[str] = Counter()
        self._silent = 0

    def transport(self, key: str) -> str | None:
        """`rate_limit`, `error`, `hang` or None."""
        faults = self.faults
        if not (faults.rate_limit or faults.error or faults.hang):
            return None
        self._tries[key] += 1
        return _one_of(draw("transport", key, self._tries[key]).random(), faults, ("rate_limit", "error", "hang"))

    def answer(self, key: str) -> str | None:
        """`unreadable`, `truncated`, `reasoning_only`, `empty` or None."""
        names = ("unreadable", "truncated", "reasoning_only", "empty")
        return _one_of(draw("answer", key).random(), self.faults, names)

    def muted(self) -> bool:
        """Whether a solver is still mute."""
        self._silent += 1
        return self._silent <= self.faults.mute


def _one_of(point: float, faults: Faults, names: tuple[str, ...]) -> str | None:
    for name in names:
        point -= getattr(faults, name)
        if point < 0:
            return name
    return None

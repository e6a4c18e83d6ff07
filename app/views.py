"""What a person sees while a run goes on: a live view in a terminal, plain lines when piped, or nothing."""

import time
from collections import Counter
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from autodata.schemas import Failure
from graphs.driver import Campaign, Tally
from nodes.resources import ClosedRound, Resources

LABELS = {
    None: ("accepted", "bold green"),
    Failure.TOO_EASY: ("too easy", "yellow"),
    Failure.FAILED_ON_STRONG: ("failed on strong", "magenta"),
    Failure.FAILED_QV: ("failed quality", "blue"),
    Failure.NOT_NOVEL: ("not novel", "blue"),
    Failure.INVALID: ("invalid", "red"),
}
ROUND_LINES_UP_TO = 200
"""A run of more documents than this prints no line a round when piped, but one a while."""
PLAIN_EVERY_S = 30.0


class View(Protocol):
    """Whoever shows a run."""

    def shown(self) -> AbstractContextManager[object]:
        """The time in which the view is on screen."""
        ...

    def begin(self, campaign: Campaign, resources: Resources) -> None:
        """The run begins."""
        ...

    def round(self, closed: ClosedRound) -> None:
        """A round has closed."""
        ...

    def change(self, tally: Tally) -> None:
        """A document was begun or decided."""
        ...


class SilentView:
    """Shows nothing."""

    def shown(self) -> AbstractContextManager[object]:
        """Nothing to show."""
        return nullcontext()

    def begin(self, campaign: Campaign, resources: Resources) -> None:
        """Nothing."""

    def round(self, closed: ClosedRound) -> None:
        """Nothing."""

    def change(self, tally: Tally) -> None:
        """Nothing."""


class PlainView(SilentView):
    """A line a round for small runs, a line a while for large ones: for logs and pipes."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._total = 0
        self._last = time.monotonic()

    def begin(self, campaign: Campaign, resources: Resources) -> None:
        """Remember how large the run is, and say when an endpoint is waited for."""
        self._total = campaign.tally.total
        for endpoint in resources.gateway.endpoints:
            endpoint.tell = self._say

    def round(self, closed: ClosedRound) -> None:
        """Print the round."""
        if self._total <= ROUND_LINES_UP_TO:
            self._console.print(round_line(closed), soft_wrap=True)

    def change(self, tally: Tally) -> None:
        """Print how far the run is, now and then."""
        if self._total > ROUND_LINES_UP_TO and time.monotonic() - self._last > PLAIN_EVERY_S:
            self._last = time.monotonic()
            self._say(f"{tally.decided} of {tally.total} documents, {tally.accepted} accepted")

    def _say(self, line: str) -> None:
        self._console.print(line, soft_wrap=True)


class LiveView:
    """A progress bar and the counts under it, with a line a round scrolling above."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started = time.monotonic()
        self._failures: Counter[str] = Counter()
        self._decided_before: int | None = None
        self._tally = Tally(total=0)
        self._resources: Resources | None = None

    def shown(self) -> AbstractContextManager[object]:
        """Draw while the run goes on."""
        return Live(get_renderable=self._render, console=self._console, refresh_per_second=4, transient=True)

    def begin(self, campaign: Campaign, resources: Resources) -> None:
        """Start to count."""
        self._tally, self._resources = campaign.tally, resources
        self._started = time.monotonic()

    def round(self, closed: ClosedRound) -> None:
        """Print the round above the bar."""
        self._failures[LABELS[_failure(closed)][0]] += 1
        if self._tally.total <= ROUND_LINES_UP_TO:
            self._console.print(round_line(closed), no_wrap=True, overflow="ellipsis", crop=True)

    def change(self, tally: Tally) -> None:
        """Keep the counts that the next drawing shows."""
        self._tally = tally
        if self._decided_before is None:
            self._decided_before = tally.decided  # what earlier sessions did says nothing about the speed

    def _render(self) -> RenderableType:
        tally = self._tally
        line = Table.grid(padding=(0, 1))
        done = tally.decided + tally.skipped
        bar = ProgressBar(total=max(tally.total, 1), completed=done, width=32)
        line.add_row(bar, f"{done} of {tally.total} documents", f"{tally.accepted} accepted", self._left())
        lines: list[RenderableType] = [line, Text(self._counts(), style="dim", no_wrap=True, overflow="ellipsis")]
        endpoints = self._resources.gateway.endpoints if self._resources else []
        lines += [Text(endpoint.paused, style="yellow") for endpoint in endpoints if endpoint.paused]
        return Group(*lines)

    def _counts(self) -> str:
        parts = [f"{tally} {label}" for label, tally in self._failures.most_common() if label != "accepted"]
        if self._resources is not None:
            spent = self._resources.gateway.budget.spent
            in_flight = sum(endpoint.in_flight for endpoint in self._resources.gateway.endpoints)
            parts.append(f"{spent.calls} calls, {in_flight} in flight")
            parts.append(f"{spent.cost:.2f} USD" if spent.cost else f"{spent.tokens:,} tokens")
        return " | ".join(parts)

    def _left(self) -> str:
        here = self._tally.decided - (self._decided_before or 0)
        if here < 1:
            return ""
        seconds = (time.monotonic() - self._started) / here * max(self._tally.total - self._tally.decided, 0)
        return f"about {duration(seconds)} left"


def round_line(closed: ClosedRound) -> Text:
    """A round in one line: document, round, result, scores and question."""
    record = closed.record
    label, style = LABELS[_failure(closed)]
    line = Text.assemble(
        (f"{closed.title[:32]:<33}", "cyan"), f"round {record.round:<2} ", (f"{label:<17}", style)
    )
    for name, value in (("weak", record.weak_mean), ("strong", record.strong_mean)):
        line.append(f"{name} {_percent(value):>5}  ")
    line.append(closed.item.question if closed.item else record.reason, style="dim")
    return line


def duration(seconds: float) -> str:
    """A time span in the two largest units: `3 min 20 s`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def _failure(closed: ClosedRound) -> Failure | None:
    return Failure(closed.record.failure) if closed.record.failure else None


def _percent(exact: str | None) -> str:
    if exact is None:
        return "-"
    top, _, bottom = exact.partition("/")
    return f"{int(top) / int(bottom or 1):.0%}"


def view_for(console: Console, quiet: bool) -> View:
    """The view that suits where the output goes."""
    if quiet:
        return SilentView()
    return LiveView(console) if console.is_terminal else PlainView(console)

"""The closing table: how a run went, what it cost, and what to do next."""

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from app.views import duration
from autodata.ledger.files import LEDGER
from autodata.ledger.manifest import MANIFEST
from autodata.ledger.outputs import ACCEPTED, REJECTED, SUMMARY
from graphs.run import Finished


def print_closing(console: Console, directory: Path, finished: Finished) -> None:
    """Print the table, the files and the next step."""
    summary = finished.summary
    console.print(summary_table(summary))
    left_out = [f"skipped {entry['file']}: {entry['reason']}" for entry in summary["skipped"]]
    left_out += [f"{entry['file']}: {entry['reason']}" for entry in summary["unsuitable_documents"]]
    for line in left_out[:10]:
        console.print(line, style="yellow", soft_wrap=True)
    if len(left_out) > 10:
        console.print(f"... and {len(left_out) - 10} more; see {directory / SUMMARY}", style="yellow")
    for line in cut_off(summary["calls"]):
        console.print(line, style="yellow", soft_wrap=True)
    console.print(
        f"Wrote {directory}/: {ACCEPTED} ({summary['accepted']} items), {REJECTED}, {SUMMARY}, "
        f"{MANIFEST}, {LEDGER}",
        soft_wrap=True,
    )
    if finished.stopped is not None:
        console.print(f"Stopped: {finished.stopped}", style="bold yellow", soft_wrap=True)
    console.print(f"Next: autodata show {directory}", style="dim")


def summary_table(summary: dict[str, Any]) -> Table:
    """The figures of a summary, a line a subject."""
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column(style="bold")
    table.add_column()
    verdicts = ", ".join(
        f"{summary[name]} {name}" for name in ("exhausted", "invalid", "unsuitable") if summary[name]
    )
    skipped = len(summary["skipped"])
    table.add_row("documents", f"{summary['documents']}" + (f", {skipped} files skipped" if skipped else ""))
    table.add_row("accepted", f"{summary['accepted']}" + (f"; {verdicts}" if verdicts else ""))
    if summary["accepted"]:
        rounds = summary["rounds"]
        table.add_row("rounds an accepted item", f"mean {rounds['mean']:.2f}, median {rounds['median']:g}")
        table.add_row(
            "accepted items",
            f"weak {summary['weak_mean']:.1%}, strong {summary['strong_mean']:.1%}, gap {summary['gap']:.1%}",
        )
    failures = ", ".join(
        f"{count} {name.replace('_', ' ')}" for name, count in summary["failures"].items() if count
    )
    table.add_row("rejected rounds", failures or "none")
    for name, seen in summary["shadows"].items():
        table.add_row(
            f"policy {name}",
            f"would have accepted {seen['accepted']} of the {seen['decided']} rounds that both solvers tried; "
            f"the same verdict on {seen['agreed']}",
        )
    calls = summary["calls"]
    asked, replayed = (sum(role[key] for role in calls.values()) for key in ("asked", "replayed"))
    by_role = ", ".join(f"{role} {count['asked']}" for role, count in calls.items() if count["asked"])
    table.add_row("calls", f"{asked} ({by_role})" + (f", {replayed} replayed" if replayed else ""))
    trouble = {key: sum(role[key] for role in calls.values()) for key in ("retried", "unreadable")}
    if any(trouble.values()):
        table.add_row("trouble", f"{trouble['retried']} tries failed, {trouble['unreadable']} answers unreadable")
    table.add_row("tokens", _tokens(summary))
    table.add_row("time", duration(summary["seconds"]))
    return table


def cut_off(calls: dict[str, dict[str, int]]) -> list[str]:
    """A line for each role whose answers `max_tokens` cut off, naming the setting that mends it."""
    lines = []
    for role, count in calls.items():
        if count["truncated"]:
            silent = f", {count['thought_only']} of them while still thinking" if count["thought_only"] else ""
            lines.append(
                f"{role}: {count['truncated']} of {count['asked']} answers were cut off by max_tokens{silent}; "
                f"raise models.{role}.max_tokens"
            )
    return lines


def _tokens(summary: dict[str, Any]) -> str:
    tokens = summary["tokens"]
    cached = f" ({tokens['cached']:,} cached)" if tokens["cached"] else ""
    thinking = f" ({tokens['thinking']:,} thinking)" if tokens["thinking"] else ""
    cost = f", {summary['cost_usd']:.4f} USD" if summary["cost_usd"] else ""
    return f"{tokens['in']:,} in{cached}, {tokens['out']:,} out{thinking}{cost}"

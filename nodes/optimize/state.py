"""The plain data that the optimizer's state is made of; texts of prompts are on disk, by candidate."""

from typing import Any

from typing_extensions import TypedDict


class Validation(TypedDict):
    """A parent and its child on the same validation documents, in order; None where the race was over before."""

    parent: list[bool | None]
    child: list[bool | None]


class HistoryLine(TypedDict):
    """What is kept of an iteration, as `history.jsonl` has it."""

    iteration: int
    parent: str
    child: str | None
    parent_score: float | None
    child_score: float | None
    """Of the documents that were run; None without a validation."""
    entered: bool
    reason: str
    edited_files: list[str]
    analysis: list[dict[str, Any]]
    """The patterns, each with its share, cause, proposed change and file."""


def history_text(history: list[HistoryLine], most: int = 20) -> str:
    """The last iterations as the analyzer and the implementer read them."""
    if not history:
        return "(nothing yet)"
    return "\n".join(_line(line) for line in history[-most:])


def _line(line: HistoryLine) -> str:
    scores = [line["parent_score"], line["child_score"]]
    told = " -> ".join("?" if score is None else f"{score:.0%}" for score in scores)
    verdict = "kept" if line["entered"] else "dropped"
    return f"- {', '.join(line['edited_files']) or 'no file'}: {line['reason']} ({told}, {verdict})"

"""Writes a run's files from its ledger: whole, atomically, and in an order that does not depend on timing."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from autodata.ledger.cut import cut_of
from autodata.ledger.files import whole
from autodata.ledger.summary import summarize
from autodata.ledger.views import RoundView, rounds_of
from autodata.schemas import Item, Solver
from autodata.scoring import tally

ACCEPTED, REJECTED, SUMMARY = "accepted.jsonl", "rejected.jsonl", "summary.json"


def write_outputs(
    connection: Connection, run: int, directory: Path, manifest: Mapping[str, Any], replayed: Mapping[str, int]
) -> dict[str, Any]:
    """Write accepted.jsonl, rejected.jsonl and summary.json; gives the summary.

    Args:
        connection: to the ledger.
        run: the run's id there.
        directory: where the files go.
        manifest: the run's manifest, for the provenance of every item.
        replayed: this session's calls, by role, that the ledger answered.
    """
    cut = cut_of(connection, run)
    with whole(directory / ACCEPTED) as accepted, whole(directory / REJECTED) as rejected:
        for view in rounds_of(connection, run, cut=cut):
            if view.item is not None:
                file = rejected if view.failure else accepted
                file.write(json.dumps(_line(view, view.item, manifest), ensure_ascii=False) + "\n")
    summary = summarize(connection, run, replayed)
    with whole(directory / SUMMARY) as file:
        file.write(json.dumps(summary, indent=2, ensure_ascii=False) + "\n")
    return summary


def _line(view: RoundView, item: Item, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """A round's item as a line of accepted.jsonl or, with its failure, of rejected.jsonl."""
    weak, strong = _scored(view, "weak"), _scored(view, "strong")
    gap = strong["mean"] - weak["mean"] if weak and strong else None
    line = {
        "id": item.hash[:16],
        "document_id": view.document,
        "domain": manifest["domain"],
        "policy": manifest["policy"],
        "round": view.round,
        **item.model_dump(mode="json"),
        "weak": weak and {"scores": [float(s) for s in weak["scores"]], "mean": float(weak["mean"])},
        "strong": strong and {"scores": [float(s) for s in strong["scores"]], "mean": float(strong["mean"])},
        "gap": None if gap is None else float(gap),
        "provenance": {
            "models": {role: model["model"] for role, model in manifest["models"].items()},
            "prompt_set": manifest["prompt_set"],
            "policy_hash": manifest["policy_hash"],
        },
    }
    if view.advice is not None:
        line["advice"] = dict(view.advice.body)
    return line | {"failure": view.failure} if view.failure else line


def _scored(view: RoundView, solver: Solver) -> dict[str, Any] | None:
    """A solver's exact scores and their mean; None if it was not run."""
    scores = view.scores(solver)
    return {"scores": scores, "mean": tally(scores).mean} if scores else None

"""What the method's trace shows of a run: its name, inputs, tags, metadata and scores, in LangSmith's format."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from autodata.schemas import Item

Run = dict[str, Any]
"""A run in LangSmith's format, as `Client.create_run` is given it."""

# The nodes of the loop, by the role that acts in them; a node that is not named here keeps its name.
_ROLE: Mapping[str, str] = {
    "orchestrate": "orchestrator",
    "challenge": "challenger",
    "verify_quality": "quality_verifier",
    "attempt_weak": "weak",
    "attempt_strong": "strong",
}
# These nodes are given what the runs beside or under them show.
_SUMMING_UP = frozenset({"orchestrate", "accept", "exhaust", "attempt_weak", "attempt_strong"})
# What the root and the round say already, so that a node's inputs need not repeat it.
_SAID_ABOVE = frozenset({"document", "policy", "rounds", "tried", "round", "verdict", "feedback"})
_MACHINERY = ("langgraph_", "ls_integration", "lc_versions", "checkpoint_ns")


def is_machinery(run: Run) -> bool:
    """Whether a run is neither a node of a graph nor a model call: a router, a wrapper, or marked as hidden."""
    tags = run.get("tags") or []
    if "langsmith:hidden" in tags:
        return True
    return bool(run["run_type"] == "chain" and not any(tag.startswith("graph:step:") for tag in tags))


def shown(run: Run) -> Run:
    """A run as the method's trace shows it when it begins."""
    metadata, inputs, name = own_metadata(run), run.get("inputs") or {}, run["name"]
    if run["run_type"] == "chain" and run.get("parent_run_id") is not None:
        metadata["round"] = inputs.get("round", 1)
        if "solver" in inputs:
            name = f"attempt {inputs['index']}"
            metadata |= {"role": inputs["solver"], "attempt": inputs["index"], "item": item_hash(inputs["item"])}
            inputs = {}
        elif name in _ROLE:
            metadata["role"] = _ROLE[name]
        left_out = inputs.keys() if name in _SUMMING_UP else _SAID_ABOVE
        inputs = {key: value for key, value in inputs.items() if key not in left_out and value}
        name = _ROLE.get(name, name)
    kept = {key: run[key] for key in ("id", "trace_id", "dotted_order", "run_type", "start_time")}
    return {
        **kept,
        "name": name,
        "session_name": run.get("session_name"),
        "inputs": inputs,
        "tags": own_tags(run),
        "extra": {**_parameters(run), "metadata": metadata},
    }


def complete(shaped: Run, ended: Run) -> None:
    """Add to a run what is known once it has ended."""
    outputs = ended.get("outputs") or {}
    if shaped["run_type"] == "chain":
        outputs = {key: value for key, value in outputs.items() if key not in ("document", "tried") and value}
    shaped["outputs"] = outputs
    shaped["end_time"] = ended["end_time"]
    shaped["error"] = ended.get("error")
    shaped["status"] = "error" if ended.get("error") else "success"
    metadata = shaped["extra"]["metadata"]
    metadata.update(own_metadata(ended))
    if isinstance(outputs.get("item"), dict):
        metadata["item"] = item_hash(outputs["item"])


def end_round(shaped: Run, entry: Mapping[str, Any], last: Run) -> None:
    """Complete a round's run with its entry, as the node that closed it ends."""
    shaped.update(
        outputs=dict(entry),
        end_time=last["end_time"],
        error=None,
        status="success",
        tags=[entry["failure"] or "accepted"],
    )


def end_root(shaped: Run) -> None:
    """Tag a document's run with how it ended, and score it."""
    outputs = shaped["outputs"]
    rounds = outputs.get("rounds") or []
    if "verdict" not in outputs:
        return
    last = rounds[-1] if rounds else {}
    weak, strong, failure = last.get("weak_mean"), last.get("strong_mean"), last.get("failure")
    shaped["tags"] = [*shaped["tags"], outputs["verdict"], *([failure] if failure else [])]
    scores = {
        "accepted": float(outputs["verdict"] == "accepted"),
        "weak_mean": weak,
        "strong_mean": strong,
        "gap": strong - weak if weak is not None and strong is not None else None,
        "rounds": float(len(rounds)),
    }
    # LangSmith keeps four decimals: whoever reads must not be able to tell where.
    stats: dict[str, Any] = {k: {"n": 1, "avg": round(v, 4)} for k, v in scores.items() if v is not None}
    if failure:
        stats["failure"] = {"n": 1, "avg": None, "values": {failure: 1}}
    shaped["feedback_stats"] = stats


def own_metadata(run: Run) -> dict[str, Any]:
    """A run's metadata without what the framework adds for itself."""
    extra = run.get("extra") or {}
    repeated = extra.get("invocation_params") or {}
    found = extra.get("metadata") or {}
    return {key: value for key, value in found.items() if key not in repeated and not key.startswith(_MACHINERY)}


def own_tags(run: Run) -> list[str]:
    """A run's tags without the framework's."""
    return [tag for tag in run.get("tags") or [] if not tag.startswith(("graph:step:", "seq:step:"))]


def item_hash(item: Any) -> str:
    """The first characters of an item's hash, as all evidence names it; empty if it is no item of the loop's."""
    try:
        return Item.model_validate(item).hash[:12]
    except ValidationError:
        return ""


def _parameters(run: Run) -> dict[str, Any]:
    """What a model was called with; a chain has none."""
    extra = run.get("extra") or {}
    return {"invocation_params": extra["invocation_params"]} if "invocation_params" in extra else {}

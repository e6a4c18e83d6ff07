"""What makes a run this run: documents, domain, prompts, policy and models; a resumed run must have the same."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select

from autodata.documents.sources import Source
from autodata.errors import RunConflictError
from autodata.ledger import tables as t
from autodata.prompting import Domain
from autodata.schemas import ROLES, fingerprint
from autodata.settings import Settings

MANIFEST = "manifest.json"


def manifest_of(settings: Settings, domain: Domain, sources: Sequence[Source]) -> dict[str, Any]:
    """The manifest of a run; what may change between its sessions (caps, concurrency, addresses) is not in it."""
    inventory = fingerprint("\n".join(f"{source.name} {source.size}" for source in sources))
    policy = settings.decides
    return {
        "documents": {"count": len(sources), "inventory": inventory[:16]},
        "domain": domain.name,
        "prompt_set": domain.hash,
        "policy": policy.name,
        "policy_hash": policy.hash,
        "attempts": settings.attempts.model_dump(),
        "feedback": settings.loop.feedback,
        "max_rounds": settings.limits.max_rounds,
        "seed": settings.seed,
        "models": {role: _model(settings, role) for role in ROLES},
    }


def _model(settings: Settings, role: Any) -> dict[str, Any]:
    model = settings.model(role)
    kept = {"model", "structured", "temperature", "max_tokens", "omit", "extra"}
    return {"endpoint": model.endpoint, **model.model_dump(mode="json", include=kept)}


def check_manifest(directory: Path, manifest: dict[str, Any]) -> None:
    """Write the manifest of a new run, or hold a resumed one to it; RunConflictError names each difference."""
    path = directory / MANIFEST
    if not path.exists():
        path.write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")
        return
    before = json.loads(path.read_text("utf-8"))
    differences = list(_differences(before, manifest))
    if differences:
        raise RunConflictError(
            f"{directory} holds another run: {'; '.join(differences)}. Use another --out, or the same settings"
        )


def check_sources(connection: Connection, run: int, sources: Sequence[Source]) -> None:
    """Record a new run's files, or name the first file in which a resumed run differs."""
    columns = t.sources.c
    query = select(columns.file, columns.size).where(columns.run == run).order_by(columns.position)
    before = [tuple(row) for row in connection.execute(query)]
    now = [(source.name, source.size) for source in sources]
    if not before:
        rows = [{"run": run, "position": at, "file": f, "size": s} for at, (f, s) in enumerate(now)]
        connection.execute(insert(t.sources), rows)
    elif before != now:
        odd = next(iter({*before} ^ {*now}), now[0])
        raise RunConflictError(f"the run was begun on other documents: {odd[0]} was added, removed or changed")


def _differences(before: Any, now: Any, path: str = "") -> Iterator[str]:
    """Every place where two manifests differ, such as `policy was prose, is deployed`."""
    if isinstance(before, dict) and isinstance(now, dict):
        for key in sorted({*before, *now}):
            yield from _differences(before.get(key), now.get(key), f"{path}.{key}" if path else key)
    elif before != now:
        yield f"{path} was {before}, is {now}"

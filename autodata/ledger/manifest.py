"""What makes a run this run: documents, domain, prompts, policy and models; a resumed run must have the same."""

import json
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, select

from autodata.documents.sources import Source
from autodata.errors import RunConflictError
from autodata.ledger import tables as t
from autodata.ledger.files import whole
from autodata.prompting import Domain
from autodata.schemas import ROLES, fingerprint
from autodata.settings import Settings

MANIFEST = "manifest.json"
SQLITE = "sqlite"
"""Where a ledger is that is a file in the run directory."""


def manifest_of(settings: Settings, domain: Domain, sources: Sequence[Source]) -> dict[str, Any]:
    """The manifest of a run; what may change between its sessions (caps, concurrency, addresses) is not in it."""
    inventory = fingerprint("\n".join(f"{source.name} {source.size}" for source in sources))
    policy = settings.decides
    return {
        "documents": {"count": len(sources), "inventory": inventory[:16]},
        "domain": domain.name,
        "domains": settings.domains,
        "prompt_set": domain.hash,
        "policy": policy.name,
        "policy_hash": policy.hash,
        "attempts": settings.attempts.model_dump(),
        "feedback": settings.loop.feedback,
        "rubric_style": settings.rubric_style,
        "max_rounds": settings.limits.max_rounds,
        "document_tokens": settings.limits.document_tokens,
        "novelty": settings.novelty.model_dump(),
        "seed": settings.seed,
        "models": {role: _model(settings, role) for role in ROLES},
    }


def _model(settings: Settings, role: Any) -> dict[str, Any]:
    model = settings.model(role)
    kept = {"model", "structured", "temperature", "max_tokens", "omit", "extra"}
    return {"endpoint": model.endpoint, **model.model_dump(mode="json", include=kept)}


class Identity(NamedTuple):
    """Which run a directory holds, and where its ledger is; kept in its manifest."""

    run: str
    """Its name in the ledger, the same in all its sessions."""
    ledger: str
    """`sqlite` for a file in the directory, or a PostgreSQL URL without its password."""


_IDENTITY = Identity._fields


def read_manifest(directory: Path) -> dict[str, Any] | None:
    """The manifest of a run directory, or None; RunConflictError if it is damaged."""
    try:
        found: dict[str, Any] = json.loads((directory / MANIFEST).read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (ValueError, OSError) as problem:
        raise RunConflictError(
            f"{directory / MANIFEST} cannot be read: {problem}; restore it from a copy"
        ) from None
    return found


def identity_of(manifest: dict[str, Any]) -> Identity:
    """The identity in a manifest; a directory's own ledger holds one run, and calls it `run`."""
    return Identity(manifest.get("run", "run"), manifest.get("ledger", SQLITE))


def new_identity(ledger: str) -> Identity:
    """The identity of a run that begins."""
    return Identity("run" if ledger == SQLITE else uuid.uuid4().hex, ledger)


def check_manifest(directory: Path, manifest: dict[str, Any], identity: Identity) -> None:
    """Write the manifest of a new run, or hold a resumed one to it; RunConflictError names each difference."""
    before = read_manifest(directory)
    if before is not None:
        kept = {key: value for key, value in before.items() if key not in _IDENTITY}
        # A folder of domains may move: `prompt_set` binds what it holds.
        differences = list(_differences(kept, {**manifest, "domains": before.get("domains")}))
        if differences:
            raise RunConflictError(
                f"{directory} holds another run: {'; '.join(differences)}. Use another --out, or the same settings"
            )
    now = {**identity._asdict(), **manifest}
    if before != now:  # new, or its database has moved
        with whole(directory / MANIFEST) as file:
            file.write(json.dumps(now, indent=2) + "\n")


def check_sources(connection: Connection, run: int, sources: Sequence[Source]) -> None:
    """Record a new run's files, or name the first file in which a resumed run differs."""
    columns = t.sources.c
    query = select(columns.file, columns.size).where(columns.run == run).order_by(columns.position)
    before = [tuple(row) for row in connection.execute(query)]
    now = [(source.name, source.size) for source in sources]
    if not before:
        rows = [
            {"run": run, "position": at, "file": source.name, "size": source.size, "documents": source.documents}
            for at, source in enumerate(sources)
        ]
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

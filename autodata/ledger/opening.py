"""Opens a ledger's database: tables, version and run; and reads back what the loop needs again."""

import time
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, func, insert, select, text

from autodata.errors import RunConflictError
from autodata.ledger import tables as t
from autodata.ledger.migrations import check_version, version_of
from autodata.ledger.records import Recorded, Usage, unpack
from autodata.schemas import Document, Item

_PREPARING = 0x6175746F64617461
"""PostgreSQL's advisory lock while tables are made: two processes that begin together would both make them."""


def prepare(connection: Connection, where: str, name: str, manifest: str, known: bool = False) -> int:
    """Create what is missing and give the id of the run of that name, in one transaction.

    Args:
        connection: to the database, with no transaction begun.
        where: the database as messages name it.
        name: the run's name.
        manifest: what a new run is recorded with.
        known: whether the run must be there already.

    Raises:
        LedgerError: if the ledger is of another version.
        RunConflictError: if the run should be there and is not.
    """
    with connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _PREPARING})
        found = version_of(connection)
        if found is not None:
            check_version(found, where)
        t.metadata.create_all(connection)
        if found is None:
            connection.execute(insert(t.meta).values(key="schema", value=str(t.SCHEMA_VERSION)))
        if known and run_named(connection, name) is None:
            raise RunConflictError(f"{where} does not hold this run; give the ledger that it was begun on")
        return run_id(connection, name, manifest)


def run_named(connection: Connection, name: str) -> int | None:
    """The id of the run of that name, or None."""
    found = connection.scalar(select(t.runs.c.id).where(t.runs.c.name == name))
    return None if found is None else int(found)


def run_id(connection: Connection, name: str, manifest: str) -> int:
    """The id of the run of that name, begun if it is not there."""
    found = run_named(connection, name)
    return _new_run(connection, name, manifest) if found is None else found


def _new_run(connection: Connection, name: str, manifest: str) -> int:
    run = (connection.scalar(select(func.max(t.runs.c.id))) or 0) + 1
    row = {"id": run, "name": name, "manifest": manifest, "started": time.time(), "seconds": 0.0}
    connection.execute(insert(t.runs).values(**row))
    return int(run)


def calls_of(connection: Connection, document: str) -> dict[bytes, Recorded]:
    """All recorded calls of a document, whichever run paid for them."""
    reply, thinking = t.texts.alias(), t.texts.alias()
    query = (
        select(t.calls, reply.c.body.label("reply_body"), thinking.c.body.label("thinking_body"))
        .join(reply, reply.c.hash == t.calls.c.reply)
        .outerjoin(thinking, thinking.c.hash == t.calls.c.thinking)
        .where(t.calls.c.document == document)
    )
    return {bytes(row["key"]): _recorded(dict(row)) for row in connection.execute(query).mappings()}


def _recorded(row: Mapping[str, Any]) -> Recorded:
    return Recorded(
        reply=unpack(row["reply_body"]),
        thinking=unpack(row["thinking_body"]) if row["thinking_body"] else "",
        finish=row["finish"],
        usage=Usage(row["tokens_in"], row["tokens_cached"], row["tokens_out"], row["tokens_thinking"]),
    )


def item_of(connection: Connection, hash: str) -> Item | None:
    """A recorded item in full, or None."""
    query = select(t.texts.c.body).join(t.items, t.items.c.body == t.texts.c.hash)
    body = connection.scalar(query.where(t.items.c.hash == bytes.fromhex(hash)))
    return Item.model_validate_json(unpack(body)) if body else None


def document_of(connection: Connection, run: int, id: str) -> Document | None:
    """A run's document in full, or None."""
    query = (
        select(t.documents.c.title, t.texts.c.body)
        .join(t.texts, t.texts.c.hash == t.documents.c.text)
        .where(t.documents.c.run == run, t.documents.c.id == id)
    )
    row = connection.execute(query).first()
    return Document(id=id, title=row.title, text=unpack(row.body)) if row else None

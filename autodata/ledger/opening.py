"""Opens a ledger's database: connection settings, tables, version and run."""

import time
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, func, insert, select
from sqlalchemy.exc import SQLAlchemyError

from autodata.errors import LedgerError
from autodata.ledger import tables as t
from autodata.ledger.records import Recorded, Usage, unpack
from autodata.schemas import Document


def connect(url: str) -> Engine:
    """An engine for a ledger's URL; on SQLite every commit reaches the disk before it counts."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def _durable(connection: Any, _record: Any) -> None:
            cursor = connection.cursor()
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA synchronous=FULL")
            cursor.execute("PRAGMA busy_timeout=2000")
            cursor.close()

    return engine


def prepare(engine: Engine, name: str, manifest: str) -> int:
    """Create what is missing and give the id of the run of that name.

    Raises:
        LedgerError: if the database cannot be opened or is of another version.
    """
    try:
        with engine.begin() as connection:
            t.metadata.create_all(connection)
            _check_version(connection)
            return _run_id(connection, name, manifest)
    except SQLAlchemyError as problem:
        where = engine.url.render_as_string(hide_password=True)
        raise LedgerError(f"the ledger {where} cannot be opened: {getattr(problem, 'orig', problem)}") from None


def _check_version(connection: Connection) -> None:
    found = connection.scalar(select(t.meta.c.value).where(t.meta.c.key == "schema"))
    if found is None:
        connection.execute(insert(t.meta).values(key="schema", value=str(t.SCHEMA_VERSION)))
    elif found != str(t.SCHEMA_VERSION):
        raise LedgerError(
            f"the ledger was written by schema version {found}, this autodata reads {t.SCHEMA_VERSION}; "
            "use the autodata that wrote it"
        )


def _run_id(connection: Connection, name: str, manifest: str) -> int:
    run = connection.scalar(select(t.runs.c.id).where(t.runs.c.name == name))
    if run is None:
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


def document_of(connection: Connection, run: int, id: str) -> Document | None:
    """A run's document in full, or None."""
    query = (
        select(t.documents.c.title, t.texts.c.body)
        .join(t.texts, t.texts.c.hash == t.documents.c.text)
        .where(t.documents.c.run == run, t.documents.c.id == id)
    )
    row = connection.execute(query).first()
    return Document(id=id, title=row.title, text=unpack(row.body)) if row else None

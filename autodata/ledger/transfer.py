"""Carries a document's whole evidence from one ledger to another, as plain JSON data."""

import base64
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, LargeBinary, Table, select

from autodata.ledger import tables as t
from autodata.ledger.records import unpack

Rows = dict[str, list[dict[str, Any]]]
"""By table, its rows by column; bytes are base64, and no row names its run."""

OTHERS = 0
"""The run of a call that another run paid for: it is evidence here, and no cost."""

_TEXTS = ("text", "body", "request", "reply", "thinking", "evidence", "feedback")
"""The columns that hold a text's hash."""


def evidence_of(connection: Connection, run: int, document: str) -> Rows:
    """Everything that a ledger holds of a document in a run: calls, items, attempts, judgments, verdict, texts."""
    rounds = _found(connection, t.rounds, (t.rounds.c.run == run) & (t.rounds.c.document == document))
    items = {row["item"] for row in rounds if row["item"] is not None}
    found = {t.items.name: _found(connection, t.items, t.items.c.hash.in_(items))}
    for table in t.metadata.sorted_tables:
        about = _about(table, document, items)
        if about is not None:
            found[table.name] = _found(connection, table, (table.c.run == run) & about)
    tried = {row["call"] for row in found[t.attempts.name]}
    paid = (t.calls.c.run == run) | t.calls.c.key.in_(tried)
    calls = _found(connection, t.calls, (t.calls.c.document == document) & paid)
    found[t.calls.name] = [row | {"others": row["run"] != run} for row in calls]
    found[t.unreadable.name] = _found(connection, t.unreadable, t.unreadable.c.call.in_([c["key"] for c in calls]))
    found[t.texts.name] = _texts(connection, found)
    return {name: [_plain(row) for row in rows] for name, rows in found.items()}


def _about(table: Table, document: str, items: set[bytes]) -> ColumnElement[bool] | None:
    """Which rows of a run's own table are about a document, or about one of its items; None for other tables."""
    if table is t.documents:
        return t.documents.c.id == document
    if "run" not in table.c or table is t.calls:
        return None
    if "document" in table.c:
        return table.c.document == document
    return table.c.item.in_(items) if "item" in table.c else None


def rows_for(run: int, evidence: Rows) -> Iterator[tuple[Table, dict[str, Any]]]:
    """The rows that evidence from elsewhere makes in a ledger, as a run's own."""
    for table in t.metadata.sorted_tables:
        for row in evidence.get(table.name, []):
            kept = {column.name: _read(row[column.name], column) for column in table.c if column.name in row}
            if table is t.texts:
                kept["body"] = unpack(kept["body"])  # the writer packs what it stores
            if "run" in table.c:
                kept["run"] = OTHERS if row.get("others") else run
            yield table, kept


def _found(connection: Connection, table: Table, condition: ColumnElement[bool]) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(select(table).where(condition)).mappings()]


def _texts(connection: Connection, found: Mapping[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Every text that some rows name, and those that the requests among them name in turn."""
    named = {row[key] for rows in found.values() for row in rows for key in _TEXTS if row.get(key)}
    texts = _found(connection, t.texts, t.texts.c.hash.in_(named))
    outlines = {call["request"] for call in found[t.calls.name]}
    parts = {part for row in texts if row["hash"] in outlines for part in _parts(unpack(row["body"]))}
    return [*texts, *_found(connection, t.texts, t.texts.c.hash.in_(parts - named))]


def _parts(outline: str) -> Iterable[bytes]:
    """The hashes of a request's long parts."""
    return (bytes.fromhex(part[0]) for line in orjson.loads(outline) for part in line if isinstance(part, list))


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: base64.b64encode(value).decode() if isinstance(value, bytes | memoryview) else value
        for key, value in row.items()
        if key != "run"
    }


def _read(value: Any, column: Any) -> Any:
    return base64.b64decode(value) if isinstance(column.type, LargeBinary) and value is not None else value

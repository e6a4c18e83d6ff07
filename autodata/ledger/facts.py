"""Small facts about a run that are not evidence: its estimate, its target, and how its session goes."""

from typing import Any

import orjson
from sqlalchemy import Connection, delete, insert, select

from autodata.ledger import tables as t

ESTIMATE = "estimate"
"""What was expected of the run before its first call."""
TARGET = "target"
"""How many accepted items the run's files hold at most."""
SESSION = "session"
"""The latest session: who runs it, what is in flight, its caps; written anew every second or so."""
WAYS = "structured"
"""By which way each endpoint and model gives structured answers, where `auto` found it out."""


def read_fact(connection: Connection, run: int, name: str) -> Any:
    """The fact of that name, or None."""
    columns = t.facts.c
    query = select(columns.value).where(columns.run == run, columns.name == name)
    value = connection.scalar(query)
    return None if value is None else orjson.loads(value)


def write_fact(connection: Connection, run: int, name: str, value: Any) -> None:
    """Put a fact in the place of the one before; None takes it away."""
    columns = t.facts.c
    connection.execute(delete(t.facts).where(columns.run == run, columns.name == name))
    if value is not None:
        row = {"run": run, "name": name, "value": orjson.dumps(value).decode()}
        connection.execute(insert(t.facts).values(**row))

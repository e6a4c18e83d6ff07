"""A PostgreSQL server for tests, where one answers: each test gets a schema of its own."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

SERVER = os.environ.get("AUTODATA_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")


@contextmanager
def schema() -> Iterator[str]:
    """The URL of an empty ledger in PostgreSQL; skips the test, with the reason, where no server answers."""
    psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed")
    try:
        connection = psycopg.connect(SERVER, autocommit=True, connect_timeout=2)
    except psycopg.OperationalError as problem:
        pytest.skip(f"no PostgreSQL answers at AUTODATA_TEST_POSTGRES: {str(problem).splitlines()[0]}")
    name = f"autodata_{uuid.uuid4().hex}"
    with connection:
        connection.execute(f'CREATE SCHEMA "{name}"')
        try:
            yield f"{SERVER}?options=-csearch_path%3D{name}"
        finally:
            connection.execute(f'DROP SCHEMA "{name}" CASCADE')

"""A ledger of every earlier version is upgraded whole or not at all, and until then refused by the command for it.

I1: an upgraded ledger has the tables of a new one. I2: what it held is there. I3: an upgrade that fails changes
nothing. I4: a ledger of another version is neither read nor written.
"""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, inspect, text

from autodata.errors import LedgerError
from autodata.ledger import migrations
from autodata.ledger import tables as t
from autodata.ledger.address import connect, sqlite_url
from autodata.ledger.files import LEDGER
from autodata.ledger.ledger import Ledger
from autodata.ledger.migrations import upgrade, version_of
from autodata.ledger.opening import prepare
from autodata.ledger.records import pack, text_hash
from tests.conftest import Autodata
from tests.postgres import schema

V1 = Path(__file__).with_name("v1.sql").read_text("utf-8")
REPLY = "the reply of long ago"


def write_v1(url: str) -> None:
    """A ledger as schema version 1 was: one run with one call."""
    engine = connect(url)
    tables = V1
    if engine.dialect.name == "postgresql":
        tables = V1.replace("BLOB", "BYTEA").replace("FLOAT", "DOUBLE PRECISION")
    with engine.begin() as connection:
        for statement in filter(str.strip, tables.split(";")):
            connection.execute(text(statement))
        connection.execute(text("INSERT INTO meta VALUES ('schema', '1')"))
        connection.execute(text("INSERT INTO runs VALUES (1, 'run', '{}', 1.0, 2.0)"))
        key = text_hash(REPLY)
        connection.execute(text("INSERT INTO texts VALUES (:key, :body)"), {"key": key, "body": pack(REPLY)})
        connection.execute(
            text(
                "INSERT INTO calls VALUES "
                "(:key, 1, 'd', 'weak', 'm', :key, :key, NULL, 'stop', 10, 0, 5, 0.5, 0, 0.1, 1.0)"
            ),
            {"key": key},
        )
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A ledger of version 1."""
    if request.param == "sqlite":
        address = sqlite_url(tmp_path / LEDGER)
        write_v1(address)
        yield address
    else:
        with schema() as address:
            write_v1(address)
            yield address


def shape(url: str) -> dict[str, Any]:
    """Tables with their columns and indexes."""
    engine = connect(url)
    seen = inspect(engine)
    found = {
        name: ([column["name"] for column in seen.get_columns(name)], {i["name"] for i in seen.get_indexes(name)})
        for name in seen.get_table_names()
    }
    engine.dispose()
    return found


async def test_i1_i2_an_upgraded_ledger_is_like_a_new_one_and_holds_what_it_held(url: str, tmp_path: Path) -> None:
    assert upgrade(connect(url), "it") == (1, t.SCHEMA_VERSION)
    assert upgrade(connect(url), "it") == (t.SCHEMA_VERSION, t.SCHEMA_VERSION)
    before = shape(url)
    with closing(Ledger.open(url)) as ledger:
        found = await ledger.recall("d", text_hash(REPLY))
        assert found is not None and found.reply == REPLY
        assert ledger.run == 1
    assert shape(url) == before, "opening had nothing left to make"
    if url.startswith("sqlite"):
        new = sqlite_url(tmp_path / "new.db")
        with connect(new).connect() as connection:
            prepare(connection, "it", "run", "{}")
        assert shape(new) == before
    else:
        with schema() as new:
            with connect(new).connect() as connection:
                prepare(connection, "it", "run", "{}")
            assert shape(new) == before


def test_i3_an_upgrade_that_fails_changes_nothing(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(connection: Connection) -> None:
        migrations._to_2(connection)
        connection.exec_driver_sql("ALTER TABLE nowhere ADD COLUMN x INTEGER")

    before = shape(url)
    monkeypatch.setattr(migrations, "STEPS", {2: broken})
    with pytest.raises(LedgerError, match="it cannot be upgraded"):
        upgrade(connect(url), "it")
    assert shape(url) == before
    with connect(url).connect() as connection:
        assert version_of(connection) == 1


def test_i4_an_earlier_ledger_is_refused_with_the_command(url: str) -> None:
    before = shape(url)
    with pytest.raises(LedgerError, match="autodata upgrade RUN"):
        Ledger.open(url)
    assert shape(url) == before


def test_every_version_has_its_step() -> None:
    assert sorted(migrations.STEPS) == list(range(2, t.SCHEMA_VERSION + 1))


def test_the_command_upgrades_a_run_and_keeps_a_copy(autodata: Autodata, tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    write_v1(sqlite_url(tmp_path / "old" / LEDGER))
    assert "autodata upgrade RUN" in autodata("status", "old", check=5).stderr
    assert "was of schema 1 and is of 2; old/ledger.db.v1 is as it was" in autodata("upgrade", "old").stdout
    autodata("status", "old")
    with connect(sqlite_url(tmp_path / "old" / "ledger.db.v1")).connect() as connection:
        assert version_of(connection) == 1

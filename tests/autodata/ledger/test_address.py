"""Where a ledger is: what is accepted, and that a password in its URL is said to nobody."""

import pytest
from sqlalchemy import make_url

from autodata.errors import UsageError
from autodata.ledger.address import database_url, masked, shown
from autodata.settings import configure

SECRET = "postgresql://me:hunter2@db.example:5433/data?sslmode=require&sslpassword=hunter2"


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg", "postgresql+asyncpg"])
def test_each_way_to_write_postgresql_is_one(scheme: str) -> None:
    url = database_url(SECRET.replace("postgresql", scheme))
    assert (url.drivername, url.password, url.database) == ("postgresql+psycopg", "hunter2", "data")


@pytest.mark.parametrize("text", ["mysql://a:hunter2@b/c", "postgresql://a:hunter2@b", "hunter2", "//:hunter2@"])
def test_what_is_no_database_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(UsageError, match="postgresql://USER@HOST:PORT/DATABASE") as said:
        database_url(text)
    assert "hunter2" not in str(said.value)


def test_a_password_is_shown_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(make_url(SECRET)) == "postgresql://me@db.example:5433/data?sslmode=require"
    assert masked("") == "" and "hunter2" not in masked("hunter2")
    monkeypatch.setenv("DATABASE_URL", SECRET)
    found = configure()
    assert found.settings.ledger == SECRET and found.origins["ledger"] == "DATABASE_URL"
    assert "hunter2" not in repr(found.settings) + found.settings.model_dump_json()

"""The ledger: what was recorded comes back, is committed before it is used, and is stored once."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from autodata.errors import LedgerError, RunConflictError
from autodata.ledger import tables as t
from autodata.ledger.ledger import Ledger
from autodata.ledger.lock import holder, run_lock
from autodata.ledger.records import CallRecord, Usage, pack, pack_messages, unpack
from autodata.schemas import Document

KEY = bytes(16)
LONG = "A long paragraph of the document. " * 50


def call(key: bytes = KEY, document: str = "d", reply: str = "the reply") -> CallRecord:
    return CallRecord(
        key=key,
        document=document,
        role="weak",
        model="m",
        messages=[("system", ["Be brief."]), ("user", [LONG, " Now: ", "a question"])],
        reply=reply,
        thinking="hidden",
        finish="stop",
        usage=Usage(10, 2, 5),
        cost=0.5,
        retries=1,
        seconds=0.1,
        at=1.0,
    )


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    opened = Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}")
    yield opened
    opened.close()


async def test_a_recorded_call_is_recalled_also_by_another_process(ledger: Ledger, tmp_path: Path) -> None:
    await ledger.record(call())
    other = Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}")
    for reader in (ledger, other):
        found = await reader.recall("d", KEY)
        assert found is not None
        assert (found.reply, found.thinking, found.finish) == ("the reply", "hidden", "stop")
        assert found.usage == Usage(10, 2, 5)
        assert await reader.recall("d", bytes(15) + b"1") is None
        assert await reader.recall("another", KEY) is None
    other.close()


async def test_a_call_is_committed_before_record_returns(ledger: Ledger, tmp_path: Path) -> None:
    await ledger.record(call())
    with sqlite3.connect(tmp_path / "ledger.db") as connection:
        assert connection.execute("select count(*) from calls").fetchone() == (1,)


async def test_the_first_record_of_a_key_stays(ledger: Ledger, tmp_path: Path) -> None:
    await ledger.record(call(reply="first"))
    await ledger.record(call(reply="second"))
    ledger.forget("d")
    found = await ledger.recall("d", KEY)
    assert found is not None and found.reply == "first"


async def test_texts_are_stored_once(ledger: Ledger) -> None:
    for number in range(20):
        await ledger.record(call(key=bytes([number]) * 16, reply="the same reply"))
    count = await ledger.read(lambda connection: connection.scalar(select(func.count()).select_from(t.texts)))
    assert count == 4  # the outline, the long part, the reply and the thinking


async def test_a_document_comes_back_in_full(ledger: Ledger) -> None:
    document = Document.of("Title", LONG)
    ledger.document(document, 0, "a.md")
    assert await ledger.read_document(document.id) == document
    with pytest.raises(LedgerError, match="give its text again"):
        await ledger.read_document("unknown")


async def test_a_ledger_of_another_version_is_refused(ledger: Ledger, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "ledger.db") as connection:
        connection.execute("update meta set value = '999' where key = 'schema'")
    with pytest.raises(LedgerError, match="by a later autodata"):
        Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}")


@pytest.mark.parametrize("content", [b"this is no database, only text that is long enough" * 50])
async def test_a_corrupted_ledger_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "ledger.db"
    path.write_bytes(content)
    with pytest.raises(LedgerError, match="cannot be opened"):
        Ledger.open(f"sqlite:///{path}")
    assert path.read_bytes() == content


async def test_a_ledger_that_breaks_while_it_is_open_fails_every_waiter(ledger: Ledger) -> None:
    await ledger.record(call())
    with pytest.raises(LedgerError, match="cannot be written or read"):
        await ledger.read(lambda connection: connection.exec_driver_sql("select * from nowhere"))
    with pytest.raises(LedgerError, match="cannot be written or read"):
        await ledger.record(call(key=bytes(15) + b"2"))


def test_a_run_directory_has_one_writer_and_names_it(tmp_path: Path) -> None:
    with run_lock(tmp_path):
        assert "process" in (holder(tmp_path) or "")
        with pytest.raises(RunConflictError, match=r"in use by process \d+ on .* since"), run_lock(tmp_path):
            pass
    assert holder(tmp_path) is None
    with run_lock(tmp_path):
        pass


@given(st.text())
def test_any_text_survives_storage(text: str) -> None:
    assert unpack(pack(text)) == text


def test_long_parts_of_a_request_are_named_and_short_ones_kept() -> None:
    outline, parts = pack_messages([("user", ["short", LONG])])
    assert "short" in outline and LONG not in outline
    assert list(parts.values()) == [LONG]


async def test_runs_beside_each_other_share_their_calls_and_keep_their_evidence_apart(ledger: Ledger) -> None:
    await ledger.record(call())
    other = await ledger.beside("another run")
    assert other.run != ledger.run and (await ledger.beside("another run")).run == other.run
    assert await other.recall("d", KEY) is not None
    document = Document.of("Title", LONG)
    other.document(document)
    assert await other.read_document(document.id) == document
    with pytest.raises(LedgerError, match="not in the ledger"):
        await ledger.read_document(document.id)

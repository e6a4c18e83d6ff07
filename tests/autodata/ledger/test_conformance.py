"""What a ledger promises, held to on SQLite and on PostgreSQL.

I1: an answer is committed before `record` returns. I2: what was recorded first stays. I3: runs of one database do
not see each other's evidence, but share their calls. I4: a run has one writer, named to the second.
"""

import asyncio
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func, select

from autodata.errors import LedgerError, RunConflictError
from autodata.ledger import tables as t
from autodata.ledger.address import connect, sqlite_url
from autodata.ledger.budget import Spend
from autodata.ledger.facts import read_fact, write_fact
from autodata.ledger.ledger import Ledger
from autodata.ledger.records import CallRecord, OutcomeRecord, RoundRecord
from autodata.ledger.summary import spent, summarize
from autodata.ledger.views import rounds_of
from autodata.schemas import Attempt, AttemptStatus, Criterion, Document, Item, Judgment
from tests.autodata.ledger.test_ledger import KEY, LONG, call
from tests.postgres import schema

ODD = "NUL \0, half a pair \ud800, and 漢字"
ITEM = Item(
    context="c",
    question="q with NUL \0 and 漢字",
    question_type="t",
    reasoning_skills=("s",),
    reference_answer="r",
    rubric=(Criterion(criterion="says so", weight=2), Criterion(criterion="errs", weight=-1)),
)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield sqlite_url(tmp_path / "ledger.db")
    else:
        with schema() as address:
            yield address


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    with closing(Ledger.open(url, "first")) as opened:
        yield opened


def committed(url: str) -> int:
    """Calls that another connection sees."""
    engine = connect(url)
    with engine.connect() as connection:
        count = connection.scalar(select(func.count()).select_from(t.calls))
    engine.dispose()
    return int(count or 0)


async def test_i1_a_call_is_committed_before_record_returns(ledger: Ledger, url: str) -> None:
    await ledger.record(call())
    assert committed(url) == 1


async def test_i1_calls_of_many_tasks_are_committed_in_groups(ledger: Ledger, url: str) -> None:
    await asyncio.gather(*(ledger.record(call(key=number.to_bytes(16, "big"))) for number in range(500)))
    assert committed(url) == 500
    found = await ledger.read(lambda connection: spent(connection, ledger.run))
    assert found == Spend(500, 500 * 15, 250.0)


async def test_i2_what_was_recorded_first_stays(ledger: Ledger) -> None:
    await ledger.record(call(reply="first"))
    await ledger.record(call(reply="second"))
    ledger.forget("d")
    found = await ledger.recall("d", KEY)
    assert found is not None and found.reply == "first"


async def test_texts_come_back_whatever_they_hold(ledger: Ledger) -> None:
    document = Document.of(f"Title {LONG}", "NUL \0 and 漢字" + LONG)
    ledger.document(document, 0, "a.md")
    assert (await ledger.read_document(document.id)).text == document.text
    await ledger.record(call(reply=ODD))
    ledger.forget("d")
    found = await ledger.recall("d", KEY)
    assert found is not None and found.reply == ODD


async def test_what_columns_cannot_hold_is_escaped_and_stops_nothing(ledger: Ledger) -> None:
    ledger.document(Document.of("NUL \0", LONG), 0, "a.md")
    ledger.skip("b.md", ODD)
    ledger.unreadable(KEY, ODD)
    ledger.check(ITEM, "quality", False, [ODD])
    summary = await ledger.read(lambda connection: summarize(connection, ledger.run, {}))
    assert summary["skipped"] == [{"file": "b.md", "reason": "NUL \\x00, half a pair \\ud800, and 漢字"}]


async def test_a_round_comes_back_with_its_attempts(ledger: Ledger) -> None:
    document = Document.of("Title", LONG)
    ledger.document(document, 0, "a.md")
    await ledger.record(call(document=document.id))
    ledger.item(ITEM)
    tried = Attempt(
        solver="weak",
        index=1,
        status=AttemptStatus.ANSWERED,
        text="a",
        seed=2**31 - 1,
        tokens_out=1,
        call=KEY.hex(),
    )
    ledger.attempt(ITEM, tried, Judgment(judge="judge", met=(True, False), evidence=("so", ODD)))
    ledger.round(RoundRecord(document.id, 1, ITEM.hash, "too_easy", ODD, "1/2", None, "feedback"))
    await ledger.outcome(OutcomeRecord(document.id, "exhausted", 1, None, "policy"))
    (view,) = await ledger.read(lambda connection: list(rounds_of(connection, ledger.run)))
    assert (view.item, view.failure, view.feedback) == (ITEM, "too_easy", "feedback")
    assert [attempt.met for attempt in view.attempts] == [(True, False)]
    assert view.attempts[0].answer == "the reply"


async def test_i3_runs_share_calls_and_nothing_else(ledger: Ledger, url: str) -> None:
    await ledger.record(call())
    ledger.document(Document.of("Title", LONG, id="d"), 0, "a.md")
    await ledger.settled()
    with closing(Ledger.open(url, "second")) as other:
        assert other.run != ledger.run
        assert await other.recall("d", KEY) is not None, "paid for once, whoever asks"
        assert await other.read(lambda connection: spent(connection, other.run)) == Spend(0, 0, 0.0)
        with pytest.raises(LedgerError, match="give its text again"):
            await other.read_document("d")
    with closing(Ledger.open(url, "second")) as again:
        assert again.run == other.run


async def test_i3_two_runs_write_the_same_texts_at_once(ledger: Ledger, url: str) -> None:
    def numbered(number: int) -> CallRecord:
        return call(key=number.to_bytes(16, "big"), reply=f"reply {number} {LONG}")

    with closing(Ledger.open(url, "second")) as other:
        await asyncio.gather(
            *(ledger.record(numbered(number)) for number in range(1500)),
            *(other.record(numbered(number)) for number in reversed(range(1500))),
        )
    assert committed(url) == 1500


async def test_facts_are_replaced_and_taken_away(ledger: Ledger) -> None:
    for value in ({"in_flight": 3}, {"in_flight": 5}):
        await ledger.read(lambda connection, value=value: write_fact(connection, ledger.run, "session", value))  # type: ignore[misc]
        assert await ledger.read(lambda connection: read_fact(connection, ledger.run, "session")) == value
    await ledger.read(lambda connection: write_fact(connection, ledger.run, "session", None))
    assert await ledger.read(lambda connection: read_fact(connection, ledger.run, "session")) is None


def test_a_run_that_should_be_there_and_is_not_is_named(url: str) -> None:
    with pytest.raises(RunConflictError, match="does not hold this run"):
        Ledger.open(url, "lost", known=True)


def test_i4_a_run_in_a_shared_database_has_one_writer() -> None:
    with schema() as url, closing(Ledger.open(url, "held", sole=True)):
        started = time.monotonic()
        with pytest.raises(RunConflictError, match=r"in use by process \d+ on .* since 20"):
            Ledger.open(url, "held", sole=True)
        assert time.monotonic() - started < 2
        Ledger.open(url, "another", sole=True).close()
    with schema() as url:
        Ledger.open(url, "held", sole=True).close()
        Ledger.open(url, "held", sole=True).close()


async def test_a_database_that_goes_away_fails_every_waiter_and_names_the_mend() -> None:
    with schema() as url, closing(Ledger.open(url)) as ledger:
        await ledger.record(call())
        with pytest.raises(LedgerError, match="see that the database server runs and start again"):
            await ledger.read(
                lambda connection: connection.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")
            )
        with pytest.raises(LedgerError, match="cannot be written or read"):
            await ledger.record(call(key=bytes(15) + b"2"))

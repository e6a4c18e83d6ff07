"""The way to a model, against the simulated server. I1: nothing is asked twice. I2: an answer is recorded first.

I3: a paid call ends and is recorded even if its asker is cancelled. I4: a stopped gateway asks nothing more.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from autodata.errors import BudgetSpentError, InterruptedRunError, ReplyError
from autodata.ledger import tables as t
from autodata.ledger.budget import Budget, Caps
from autodata.ledger.ledger import Ledger
from autodata.models.asking import ask_structured
from autodata.models.gateway import Gateway
from autodata.models.request import Reply, Request, Seat
from autodata.models.structured import read_answer, schema_of
from autodata.prompting import Message
from autodata.schemas import QualityAnswer
from autodata.settings import configure
from nodes.resources import open_resources
from tests.conftest import models_at, simulated

SETTINGS = configure(None, {"domain": "cs_research", "models": models_at("http://127.0.0.1:1/v1")}).settings
SCHEMA = schema_of(QualityAnswer, "quality_verifier")


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    opened = Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}")
    yield opened
    opened.close()


async def gateway_at(url: str, ledger: Ledger, budget: Budget | None = None) -> Gateway:
    settings = configure(None, {"domain": "cs_research", "models": models_at(url)}).settings
    return (await open_resources(settings, ledger, budget)).gateway


def request(url: str, question: str = "q", seat: Seat | None = None) -> Request:
    settings = configure(None, {"domain": "cs_research", "models": models_at(url)}).settings
    seat = seat or Seat("d", 1, "weak")
    return Request(seat, settings.model(seat.role), (Message("user", (question,)),), seat.seed(0))


async def count(ledger: Ledger) -> int:
    return await ledger.read(lambda c: c.scalar(select(func.count()).select_from(t.calls)) or 0)


async def test_i1_the_same_request_is_replayed_also_by_a_later_process(
    simulator: str, ledger: Ledger, tmp_path: Path
) -> None:
    first = await (await gateway_at(simulator, ledger)).call(request(simulator))
    again = await (await gateway_at(simulator, ledger)).call(request(simulator))
    other = Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}")
    later = await (await gateway_at(simulator, other)).call(request(simulator))
    other.close()
    assert not first.replayed and again.replayed and later.replayed
    assert first.text == again.text == later.text
    assert await count(ledger) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"messages": (Message("user", ("another",)),)},
        {"messages": (Message("system", ("q",)),)},
        {"seed": 99},
        {"schema": SCHEMA},
        {"settings": SETTINGS.model("strong")},
        {"settings": SETTINGS.model("weak").model_copy(update={"temperature": 0.1})},
        {"settings": SETTINGS.model("weak").model_copy(update={"max_tokens": 5})},
        {"settings": SETTINGS.model("weak").model_copy(update={"extra": {"top_p": 0.5}})},
        {"settings": SETTINGS.model("weak").model_copy(update={"base_url": "http://other/v1"})},
    ],
)
def test_everything_that_changes_the_answer_is_in_the_key(changed: dict[str, object]) -> None:
    base = Request(Seat("d", 1, "weak"), SETTINGS.model("weak"), (Message("user", ("q",)),), 1)
    assert replace(base, **changed).key != base.key  # type: ignore[arg-type]


def test_how_a_message_was_put_together_and_how_long_to_wait_is_not_in_the_key() -> None:
    base = Request(Seat("d", 1, "weak"), SETTINGS.model("weak"), (Message("user", ("a b",)),), 1)
    patient = SETTINGS.model("weak").model_copy(update={"timeout_s": 999.0, "price_in": 3.0, "max_concurrency": 1})
    assert replace(base, messages=(Message("user", ("a", " b")),), settings=patient).key == base.key


def test_every_seat_has_a_seed_of_its_own() -> None:
    seats = [
        Seat(document, round, role, attempt, ask, set)
        for document in ("a", "b")
        for round in (1, 2)
        for role in ("weak", "strong", "judge")
        for attempt in (1, 2, 3)
        for ask in (1, 2)
        for set in ("loop", "confirm")
    ]
    seeds = {seat.seed(0) for seat in seats} | {seat.seed(1) for seat in seats}
    assert len(seeds) == 2 * len(seats)
    assert all(0 <= seed < 2**31 for seed in seeds)


async def test_i3_a_call_that_was_begun_is_recorded_even_if_its_asker_is_cancelled(ledger: Ledger) -> None:
    with simulated("--latency-ms", "200") as url:
        gateway = await gateway_at(url, ledger)
        task = asyncio.create_task(gateway.call(request(url)))
        await asyncio.sleep(0.1)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await gateway.drained()
        assert await count(ledger) == 1
        assert (await gateway.call(request(url))).replayed


async def test_i4_a_stopped_gateway_replays_but_asks_nothing_more(simulator: str, ledger: Ledger) -> None:
    gateway = await gateway_at(simulator, ledger)
    await gateway.call(request(simulator))
    gateway.stop(InterruptedRunError("interrupted"))
    assert (await gateway.call(request(simulator))).replayed
    with pytest.raises(InterruptedRunError):
        await gateway.call(request(simulator, "another"))
    assert await count(ledger) == 1


async def test_a_call_beyond_the_budget_is_not_asked(simulator: str, ledger: Ledger) -> None:
    gateway = await gateway_at(simulator, ledger, Budget(Caps(calls=2)))
    results = await asyncio.gather(
        *(gateway.call(request(simulator, f"q{at}")) for at in range(5)), return_exceptions=True
    )
    assert sum(isinstance(result, Reply) for result in results) == 2
    assert sum(isinstance(result, BudgetSpentError) for result in results) == 3
    assert await count(ledger) == 2


async def test_an_unreadable_answer_is_repaired_asked_afresh_and_given_up(ledger: Ledger) -> None:
    with simulated("--faults", "unreadable=1") as url:
        gateway = await gateway_at(url, ledger)
        seat = Seat("d", 1, "quality_verifier")
        asked = replace(request(url, seat=seat), schema=SCHEMA)

        async def read(reply: Reply) -> QualityAnswer:
            return read_answer(reply.text, QualityAnswer, reply.truncated)

        with pytest.raises(ReplyError, match="no JSON object"):
            await ask_structured(gateway, asked, read, run_seed=0, asks=2)
    rows = await ledger.read(lambda c: c.execute(select(t.unreadable)).all())
    assert len(rows) == await count(ledger) == 4

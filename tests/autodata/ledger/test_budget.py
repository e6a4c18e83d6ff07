"""The caps. I1: spent plus reserved never passes a cap. I2: what was reserved and not used can be spent."""

import asyncio
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.errors import BudgetSpentError
from autodata.ledger.budget import Budget, Caps, Spend


@given(st.integers(1, 30), st.integers(1, 40), st.integers(0, 2**16))
def test_i1_no_cap_is_passed_at_any_concurrency(cap: int, callers: int, seed: int) -> None:
    shuffle = Random(seed)
    budget = Budget(Caps(calls=cap, tokens=cap * 60, cost=cap * 0.6))
    most = 0

    async def caller() -> None:
        nonlocal most
        reserved = Spend(1, 100, 1.0)
        await budget.reserve(reserved)
        held = budget.spent.plus(budget.reserved)
        most = max(most, held.calls)
        assert held.calls <= cap and held.tokens <= cap * 60 and held.cost <= cap * 0.6 + 1e-9
        for _ in range(shuffle.randrange(3)):
            await asyncio.sleep(0)
        used = shuffle.randrange(100)
        budget.settle(reserved, Spend(1, used, used / 100))

    async def all_callers() -> list[BaseException | None]:
        return await asyncio.gather(*(caller() for _ in range(callers)), return_exceptions=True)

    for outcome in asyncio.run(all_callers()):
        assert outcome is None or isinstance(outcome, BudgetSpentError)
    assert budget.reserved.calls == 0
    assert budget.spent.calls <= cap


async def test_i2_a_caller_waits_for_a_reservation_to_settle_before_it_gives_up() -> None:
    budget = Budget(Caps(cost=1.0))
    await budget.reserve(Spend(1, 0, 0.9))
    waiting = asyncio.create_task(budget.reserve(Spend(1, 0, 0.9)))
    await asyncio.sleep(0)
    assert not waiting.done()
    budget.settle(Spend(1, 0, 0.9), Spend(1, 0, 0.1))
    await waiting
    assert budget.reserved.cost == pytest.approx(0.9)


async def test_the_message_names_the_cap_and_the_mend() -> None:
    budget = Budget(Caps(calls=5), spent=Spend(5, 100, 0.25))
    with pytest.raises(BudgetSpentError, match=r"--max-calls 5 is reached after 5 calls.*larger cap"):
        await budget.reserve(Spend(1, 10, 0.1))
    assert BudgetSpentError.exit_status == 3


async def test_without_caps_nothing_is_refused() -> None:
    budget = Budget()
    await budget.reserve(Spend(1, 10**9, 10.0**9))
    budget.settle(Spend(1, 10**9, 10.0**9), Spend(1, 7, 0.5))
    assert budget.spent == Spend(1, 7, 0.5)

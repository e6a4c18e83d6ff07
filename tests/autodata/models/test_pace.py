"""The pace of an endpoint.

I1: the limit stays between 1 and the configured one. I2: a burst that is refused together lowers it once.
I3: answers raise it again, up to the configured one. I4: no more calls are inside the gate than the limit.
"""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from autodata.models.pace import DECREASE, Gate, Pace


@given(st.integers(1, 500), st.lists(st.booleans(), max_size=300))
def test_i1_the_limit_stays_within_its_bounds(most: int, answered: list[bool]) -> None:
    pace = Pace(most)
    for ok in answered:
        mark = pace.begin()
        before = pace.limit
        if ok:
            pace.succeeded()
            assert pace.limit >= before
        else:
            pace.throttled(mark)
            assert pace.limit <= before
        assert 1 <= pace.limit <= most


@given(st.integers(2, 500), st.integers(1, 200))
def test_i2_a_burst_that_is_refused_together_lowers_the_limit_once(most: int, burst: int) -> None:
    pace = Pace(most)
    marks = [pace.begin() for _ in range(burst)]
    for mark in marks:
        pace.throttled(mark)
    assert pace.limit == max(int(most * DECREASE), 1)
    pace.throttled(pace.begin())
    assert pace.limit <= max(int(most * DECREASE), 1)


@given(st.integers(1, 300), st.integers(1, 40))
def test_i3_answers_raise_the_limit_to_the_configured_one(most: int, refusals: int) -> None:
    pace = Pace(most)
    for _ in range(refusals):
        pace.throttled(pace.begin())
    for _ in range(20 * most):  # 16 rounds of at most `most` calls, and some for rounding
        pace.succeeded()
    assert pace.limit == most


async def test_i4_the_gate_lets_in_as_many_as_the_pace_allows_also_when_it_falls_and_rises() -> None:
    pace = Pace(8)
    gate = Gate(pace)
    seen: list[tuple[int, int]] = []

    async def visit(at: int) -> None:
        await gate.enter()
        seen.append((gate.inside, pace.limit))
        await asyncio.sleep(0)
        if at == 0:
            for _ in range(3):
                pace.throttled(pace.begin())
        elif at > 20:
            pace.succeeded()
        gate.leave()

    await asyncio.gather(*(visit(at) for at in range(200)))
    assert len(seen) == 200 and gate.inside == 0
    assert all(inside <= limit for inside, limit in seen)
    assert min(limit for _, limit in seen) < 8 == max(inside for inside, _ in seen)


async def test_who_is_cancelled_while_waiting_takes_no_place() -> None:
    gate = Gate(Pace(1))
    await gate.enter()
    waiting = [asyncio.create_task(gate.enter()) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    gate.leave()  # the place goes to the second, who is cancelled in the same moment
    waiting[1].cancel()
    await asyncio.wait_for(waiting[2], 1)
    assert gate.inside == 1

"""An endpoint that goes down during a run: waited for, probed by one call at a time, and given up in time."""

import asyncio

import pytest
from langchain_core.messages import AIMessage

from autodata.errors import EndpointError, ReplyError
from autodata.models import circuit as circuits
from autodata.models import endpoint as module
from autodata.models.circuit import Circuit
from autodata.models.endpoint import Endpoint
from autodata.models.failures import TransportError


@pytest.fixture(autouse=True)
def short_times(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_WAIT_S", 0.005)
    monkeypatch.setattr(circuits, "FIRST_PROBE_S", 0.02)
    monkeypatch.setattr(circuits, "STEADY_S", 0.0)


class Server:
    """A server that is down or up, and counts."""

    def __init__(self) -> None:
        self.down: TransportError | None = None
        self.asked = self.at_once = self.most_at_once = 0

    async def ask(self) -> AIMessage:
        self.asked += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0.001)
        self.at_once -= 1
        if self.down is not None:
            raise self.down
        return AIMessage("x")


async def proven(outage_s: float = 60.0) -> tuple[Endpoint, Server, list[str]]:
    """An endpoint that has answered once, its server, and what the endpoint tells."""
    endpoint, server = Endpoint("http://e/v1", 8, "K", outage_s), Server()
    told: list[str] = []
    endpoint.tell = told.append
    await endpoint.call(server.ask)
    return endpoint, server, told


async def test_an_outage_is_waited_for_said_probed_one_by_one_and_survived() -> None:
    endpoint, server, told = await proven()
    server.down = TransportError("connection refused")
    calls = [asyncio.create_task(endpoint.call(server.ask)) for _ in range(20)]
    while endpoint.paused is None:
        await asyncio.sleep(0.002)
    await asyncio.sleep(0.05)
    before, server.most_at_once = server.asked, 0
    await asyncio.sleep(0.3)
    assert server.most_at_once == 1 and 1 <= server.asked - before <= 8
    assert "connection refused" in (endpoint.paused or "")
    server.down = None
    answered = await asyncio.wait_for(asyncio.gather(*calls), 10)
    assert len(answered) == 20
    assert "waiting for the endpoint" in told[0] and "answers again" in told[-1]
    assert endpoint.paused is None


async def test_an_outage_that_lasts_too_long_ends_all_calls_at_once() -> None:
    endpoint, server, _ = await proven(outage_s=0.3)
    server.down = TransportError("said 503", 503)
    calls = [asyncio.create_task(endpoint.call(server.ask)) for _ in range(20)]
    ended = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), 5)
    assert all(isinstance(problem, EndpointError) for problem in ended)
    assert "start again to go on" in str(ended[0]) and "0.3 s" in str(ended[0])


async def test_a_stopping_run_does_not_wait_for_an_endpoint_that_is_down() -> None:
    endpoint, server, _ = await proven()
    server.down = TransportError("connection refused")
    stopped = False

    async def ask() -> AIMessage:
        if stopped:
            raise EndpointError("stopped")
        return await server.ask()

    calls = [asyncio.create_task(endpoint.call(ask)) for _ in range(8)]
    while endpoint.paused is None:
        await asyncio.sleep(0.002)
    stopped = True
    endpoint.hurry()
    ended = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), 2)
    assert all(isinstance(problem, EndpointError) for problem in ended)


@pytest.mark.parametrize("problem", [TransportError("crash", 500), TransportError("slow", timed_out=True)])
async def test_one_request_that_crashes_the_server_is_given_up_and_a_second_one_blames_the_endpoint(
    problem: TransportError,
) -> None:
    endpoint, server, _ = await proven(outage_s=0.2)
    server.down = problem
    with pytest.raises(ReplyError):
        await endpoint.call(server.ask)
    with pytest.raises(EndpointError):
        await endpoint.call(server.ask)


async def test_a_request_that_fails_while_others_are_answered_is_this_requests_trouble() -> None:
    endpoint, server, _ = await proven()

    async def poison() -> AIMessage:
        raise TransportError("crash", 500)

    async def others() -> None:
        while True:
            await endpoint.call(server.ask)

    background = asyncio.create_task(others())
    with pytest.raises(ReplyError, match="crash"):
        await asyncio.wait_for(endpoint.call(poison), 5)
    background.cancel()


async def test_a_busy_server_is_asked_by_fewer_at_once_and_loses_no_call() -> None:
    """A server with room for 3: everything beyond is answered 503."""
    endpoint = Endpoint("e", 32, "K")
    inside, refused, answered = 0, 0, 0

    async def ask() -> AIMessage:
        nonlocal inside, refused, answered
        if inside >= 3:
            refused += 1
            raise TransportError("busy", 503, retry_after=0.001)
        inside += 1
        await asyncio.sleep(0.002)
        inside -= 1
        answered += 1
        return AIMessage("x")

    await asyncio.wait_for(asyncio.gather(*(endpoint.call(ask) for _ in range(300))), 30)
    assert answered == 300
    assert refused < 300, "with 32 at once nearly every call would be refused several times"


@pytest.mark.parametrize(
    ("failure", "most"),
    [(TransportError("refused"), 4), (TransportError("slow", timed_out=True), 2), (TransportError("x", 503), 6)],
)
async def test_an_endpoint_that_never_answered_is_not_waited_for(failure: TransportError, most: int) -> None:
    endpoint, server = Endpoint("e", 8, "K"), Server()
    server.down = failure
    with pytest.raises(EndpointError, match="start again to go on"):
        await asyncio.wait_for(endpoint.call(server.ask), 2)
    assert server.asked == most


def test_the_circuit_opens_by_number_and_time_and_probes_less_and_less_often(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.undo()
    circuit = Circuit(600)
    circuit.succeeded(0)
    assert not any(circuit.failed(at / 10, at, "x") for at in range(10)), "a blip of a second is none"
    assert circuit.failed(6, 11, "x") and circuit.open
    waits = []
    now = 6.0
    for _ in range(8):
        now += circuit.until_probe(now)
        waits.append(circuit.until_probe(now - 1e-9))
        circuit.failed(now, 12, "x", probe=True)
        waits[-1] = circuit.until_probe(now)
    assert waits == sorted(waits) and waits[-1] == circuits.LONGEST_PROBE_S
    circuit.failed(now, 12, "x", probe=True, wait=7)
    assert circuit.until_probe(now) == 7
    assert circuit.until_end(now) == 600 - now
    assert circuit.succeeded(now) and not circuit.open

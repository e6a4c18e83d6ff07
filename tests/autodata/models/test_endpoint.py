"""One endpoint against a real server that misbehaves: what is tried again, how long, and what giving up means."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from langchain_core.messages import AIMessage

from autodata.errors import EndpointError, ReplyError
from autodata.model_settings import ModelSettings
from autodata.models import endpoint as module
from autodata.models.chat import close_sessions
from autodata.models.endpoint import Answered, Endpoint
from autodata.models.request import Request, Seat
from autodata.models.thinking import split_thinking
from autodata.models.wires import wire_for
from autodata.prompting import Message

Answer = Callable[[int], web.Response]
OK = {"choices": [{"message": {"role": "assistant", "content": "hello"}, "finish_reason": "stop"}]}


@asynccontextmanager
async def server(answer: Answer) -> AsyncIterator[tuple[str, list[float]]]:
    """A server that answers its n-th request with `answer(n)`, and the times of the requests."""
    times: list[float] = []

    async def handle(request: web.Request) -> web.Response:
        times.append(time.monotonic())
        return answer(len(times))

    app = web.Application()
    app.router.add_post("/v1/chat/completions", handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1", times
    finally:
        await close_sessions()
        await runner.cleanup()


def error(status: int, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response({"error": {"message": f"said {status}"}}, status=status, headers=headers)


async def ask(url: str, endpoint: Endpoint | None = None, timeout_s: float = 5.0) -> Answered:
    settings = ModelSettings(model="m", timeout_s=timeout_s, base_url=url)
    request = Request(Seat("d", 1, "weak"), settings, (Message("user", ("hi",)),), 1)
    wire = wire_for(settings)
    return await (endpoint or Endpoint(url, 4, "SOME_KEY")).call(lambda: wire.ask(request))


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_WAIT_S", 0.01)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 529])
async def test_a_transient_failure_is_tried_again(status: int) -> None:
    async with server(lambda n: error(status) if n < 3 else web.json_response(OK)) as (url, times):
        answered = await ask(url)
    assert (answered.message.content, answered.retries, len(times)) == ("hello", 2, 3)


async def test_retry_after_is_honoured() -> None:
    async with server(lambda n: error(429, {"Retry-After": "0.4"}) if n < 2 else web.json_response(OK)) as (
        url,
        times,
    ):
        await ask(url)
    assert times[1] - times[0] >= 0.4


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "the key in SOME_KEY is refused"),
        (403, "the key in SOME_KEY is refused"),
        (404, "base_url and model"),
    ],
)
async def test_a_refusal_is_not_tried_again(status: int, said: str) -> None:
    async with server(lambda n: error(status)) as (url, times):
        with pytest.raises(EndpointError, match=said):
            await ask(url)
    assert len(times) == 1


async def test_an_endpoint_that_stays_down_is_given_up() -> None:
    async with server(lambda n: error(500)) as (url, times):
        with pytest.raises(EndpointError, match=r"answered 500.*start again to go on"):
            await ask(url)
    assert len(times) == module.MAX_TRIES


async def test_nobody_listens() -> None:
    with pytest.raises(EndpointError, match="gives no answer"):
        await ask("http://127.0.0.1:9/v1")
    await close_sessions()


@pytest.mark.parametrize("body", [b"not json", b"{}", b'{"choices": []}'])
async def test_an_answer_that_is_no_completion_is_a_failure_not_an_answer(body: bytes) -> None:
    async with server(lambda n: web.Response(body=body) if n < 2 else web.json_response(OK)) as (url, times):
        assert (await ask(url)).message.content == "hello"
    assert len(times) == 2


async def test_one_refused_request_is_not_the_endpoints_trouble() -> None:
    async with server(lambda n: web.json_response(OK) if n == 1 else error(400)) as (url, _):
        endpoint = Endpoint(url, 4, "SOME_KEY")
        await ask(url, endpoint)
        with pytest.raises(ReplyError, match="said 400"):
            await ask(url, endpoint)


async def test_the_first_refused_request_stops_the_run() -> None:
    async with server(lambda n: error(400)) as (url, _):
        with pytest.raises(EndpointError, match="said 400"):
            await ask(url)


async def test_a_hanging_call_ends_by_its_timeout() -> None:
    async def hang(request: web.Request) -> web.Response:
        await asyncio.sleep(30)
        raise AssertionError

    app = web.Application()
    app.router.add_post("/v1/chat/completions", hang)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    with pytest.raises(EndpointError, match=r"no answer within 0\.05 s"):
        await ask(f"http://127.0.0.1:{runner.addresses[0][1]}/v1", timeout_s=0.05)
    await close_sessions()
    await runner.cleanup()


async def test_no_more_calls_are_in_flight_than_allowed() -> None:
    endpoint = Endpoint("e", 2, "K")
    most = 0

    async def slow() -> AIMessage:
        nonlocal most
        most = max(most, endpoint.in_flight)
        await asyncio.sleep(0.01)
        return AIMessage("x")

    await asyncio.gather(*(endpoint.call(slow) for _ in range(8)))
    assert most == 2


async def test_a_stopping_run_does_not_wait_between_tries() -> None:
    async with server(lambda n: error(429, {"Retry-After": "60"})) as (url, _):
        endpoint = Endpoint(url, 4, "SOME_KEY")
        task = asyncio.create_task(ask(url, endpoint))
        await asyncio.sleep(0.2)
        endpoint.hurry()
        with pytest.raises(EndpointError):
            await asyncio.wait_for(task, 5)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (AIMessage("plain"), ("plain", "")),
        (AIMessage("<think>hmm</think>\nanswer"), ("answer", "hmm")),
        (AIMessage("<think>cut off"), ("", "cut off")),
        (AIMessage("answer", additional_kwargs={"reasoning_content": "hmm"}), ("answer", "hmm")),
    ],
)
def test_hidden_thinking_is_kept_apart(message: AIMessage, expected: tuple[str, str]) -> None:
    assert split_thinking(message) == expected


async def test_waiting_for_a_place_is_not_the_endpoints_time() -> None:
    endpoint = Endpoint("one", 1, "SOME_KEY")

    async def slow() -> AIMessage:
        await asyncio.sleep(0.2)
        return AIMessage("hello")

    answers = await asyncio.gather(*(endpoint.call(slow) for _ in range(3)))
    assert all(0.15 < answer.seconds < 0.35 for answer in answers)

"""Anthropic, Google and Bedrock through LangChain's own packages, against imitations of their wire formats.

Each imitation says what the provider's documentation says: the same fields in the request, the same in the answer.
"""

import asyncio
import importlib.util
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from autodata.errors import EndpointError, RequestRefusedError, UsageError
from autodata.models import providers
from autodata.models.endpoint import Endpoint
from autodata.models.failures import TransportError
from autodata.models.replies import reply_of
from autodata.models.request import Reply, Request, Seat
from autodata.models.structured import read_answer, schema_of
from autodata.models.wires import Wire, wire_for
from autodata.prompting import Message
from autodata.schemas import QualityAnswer
from autodata.settings import ModelSettings

SCHEMA = schema_of(QualityAnswer, "quality_verifier")
ANSWER = {"passed": True, "issues": [], "suggestion": "s"}
MODELS = {
    "anthropic": "claude-sonnet-4-5",
    "google": "gemini-2.5-flash",
    "bedrock": "anthropic.claude-sonnet-4-5-20250929-v1:0",
}
PACKAGES = providers._PACKAGES
installed = pytest.mark.parametrize(
    "provider",
    [
        pytest.param(
            name,
            marks=pytest.mark.skipif(
                importlib.util.find_spec(package) is None, reason=f"the extra `{name}` is not installed"
            ),
        )
        for name, package in PACKAGES.items()
    ],
)


def anthropic_says(body: Mapping[str, Any], text: str | None, cut: bool) -> dict[str, Any]:
    content: list[dict[str, Any]] = [{"type": "thinking", "thinking": "hidden", "signature": "x"}]
    if body.get("tools"):
        content.append({"type": "tool_use", "id": "t1", "name": body["tools"][0]["name"], "input": ANSWER})
    elif text is not None:
        content.append({"type": "text", "text": text})
    usage = {
        "input_tokens": 7,
        "cache_read_input_tokens": 93,
        "cache_creation_input_tokens": 0,
        "output_tokens": 20,
    }
    return {
        "id": "m", "type": "message", "role": "assistant", "model": body["model"], "content": content,
        "stop_reason": "max_tokens" if cut else "end_turn", "stop_sequence": None, "usage": usage,
    }  # fmt: skip


def google_says(body: Mapping[str, Any], text: str | None, cut: bool) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [{"text": "hidden", "thought": True}]
    if body.get("tools"):
        name = body["tools"][0]["functionDeclarations"][0]["name"]
        parts.append({"functionCall": {"name": name, "args": ANSWER}})
    elif text is not None:
        parts.append({"text": text})
    content = {"role": "model", "parts": parts}
    return {
        "candidates": [{"content": content, "finishReason": "MAX_TOKENS" if cut else "STOP", "index": 0}],
        "usageMetadata": {
            "promptTokenCount": 100, "cachedContentTokenCount": 93, "candidatesTokenCount": 8,
            "thoughtsTokenCount": 12, "totalTokenCount": 120,
        },
        "modelVersion": "m",
    }  # fmt: skip


def bedrock_says(body: Mapping[str, Any], text: str | None, cut: bool) -> dict[str, Any]:
    content: list[dict[str, Any]] = [{"reasoningContent": {"reasoningText": {"text": "hidden", "signature": "x"}}}]
    if body.get("toolConfig"):
        name = body["toolConfig"]["tools"][0]["toolSpec"]["name"]
        content.append({"toolUse": {"toolUseId": "t1", "name": name, "input": ANSWER}})
    elif text is not None:
        content.append({"text": text})
    usage = {"inputTokens": 7, "cacheReadInputTokens": 93, "outputTokens": 20, "totalTokens": 120}
    return {
        "output": {"message": {"role": "assistant", "content": content}},
        "stopReason": "max_tokens" if cut else "end_turn", "usage": usage, "metrics": {"latencyMs": 1},
    }  # fmt: skip


SAYS: dict[str, Callable[..., dict[str, Any]]] = {
    "anthropic": anthropic_says, "google": google_says, "bedrock": bedrock_says,
}  # fmt: skip
Handler = Callable[[web.Request, dict[str, Any]], web.Response]


@asynccontextmanager
async def imitation(handle: Handler) -> AsyncIterator[str]:
    """A server that answers every POST with `handle(request, body)`."""

    async def post(request: web.Request) -> web.Response:
        if "hang" in request.path:
            await asyncio.sleep(30)
        return handle(request, json.loads(await request.read()))

    app = web.Application()
    app.router.add_post("/{path:.*}", post)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_KEY", "secret-key")
    # Bedrock takes its own keys over HTTPS only, so that here it signs with credentials.
    for name in ("AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "us-east-1")


def wire_to(provider: str, url: str, **more: Any) -> tuple[Wire, ModelSettings]:
    settings = ModelSettings.model_validate(
        {"provider": provider, "base_url": url, "model": MODELS[provider], **more}
        | {"api_key_env": "NO_SUCH_KEY" if provider == "bedrock" else "SOME_KEY"}
    )
    return wire_for(settings), settings


async def asked(wire: Wire, settings: ModelSettings, form: bool = True) -> Reply:
    messages = (Message("system", ("be brief",)), Message("user", ("hi",)))
    request = Request(Seat("d", 1, "weak"), settings, messages, 7, SCHEMA if form else None)
    answered = await Endpoint(settings.endpoint, 4, "SOME_KEY").call(lambda: wire.ask(request))
    return reply_of(request, answered.message)


@installed
@pytest.mark.parametrize("way", ["json_schema", "tools"])
async def test_an_answer_comes_in_its_form_with_thinking_apart_and_tokens_counted(provider: str, way: str) -> None:
    seen: list[tuple[web.Request, dict[str, Any]]] = []

    def handle(request: web.Request, body: dict[str, Any]) -> web.Response:
        seen.append((request, body))
        return web.json_response(SAYS[provider](body, json.dumps(ANSWER), cut=False))

    async with imitation(handle) as url:
        wire, settings = wire_to(provider, url, structured=way, max_tokens=321, temperature=0.5)
        reply = await asked(wire, settings)
        wire.close()
    assert read_answer(reply.text, QualityAnswer) == QualityAnswer(**ANSWER)
    assert reply.thinking == "hidden" and reply.finish == "stop"
    assert (reply.usage.tokens_in, reply.usage.tokens_cached, reply.usage.tokens_out) == (100, 93, 20)
    request, body = seen[0]
    sent = json.dumps(body)
    assert "321" in sent and "0.5" in sent and "be brief" in sent
    assert "suggestion" in sent, "the schema is sent"
    if provider != "bedrock":
        assert "secret-key" in str(dict(request.headers)) and "secret-key" not in str(request.url)


@installed
async def test_truncation_refusals_and_a_busy_provider_mean_what_they_mean_everywhere(provider: str) -> None:
    script: list[tuple[int, str]] = []

    def handle(request: web.Request, body: dict[str, Any]) -> web.Response:
        status, said = script.pop(0)
        if status == 200:
            return web.json_response(SAYS[provider](body, said or None, cut=not said))
        return refusal(provider, status, said, {"Retry-After": "0.01"})

    async with imitation(handle) as url:
        wire, settings = wire_to(provider, url)
        script[:] = [(200, "")]
        cut = await asked(wire, settings, form=False)
        assert cut.truncated and cut.text == "" and cut.thinking == "hidden"
        script[:] = [(429, "slow down"), (503, "overloaded"), (200, "hello")]
        assert (await asked(wire, settings, form=False)).text == "hello" and not script
        for status, said, error, mend in (
            (401, "bad key", EndpointError, "is refused: set a valid one"),
            (404, "no such model", EndpointError, "check base_url and model"),
            (400, "output_config and response_schema are not supported", RequestRefusedError, "set `structured`"),
            (400, "temperature is not supported by this model", RequestRefusedError, "omit = .*temperature"),
        ):
            script[:] = [(status, said)]
            with pytest.raises(error, match=mend):
                await asked(wire, settings)
        wire.close()


@installed
async def test_nobody_listens_and_a_hanging_call_end_as_failures(provider: str) -> None:
    wire, settings = wire_to(provider, "http://127.0.0.1:9")
    request = Request(Seat("d", 1, "weak"), settings, (Message("user", ("hi",)),), 7)
    with pytest.raises(TransportError) as failed:
        await wire.ask(request)
    assert failed.value.status is None
    wire.close()
    async with imitation(lambda request, body: web.json_response({})) as url:
        wire, settings = wire_to(provider, f"{url}/hang", timeout_s=0.3)
        with pytest.raises(TransportError) as failed:
            await wire.ask(Request(Seat("d", 1, "weak"), settings, (Message("user", ("hi",)),), 7))
        assert failed.value.timed_out
        wire.close()


@pytest.mark.parametrize("provider", PACKAGES)
def test_a_missing_package_is_named_with_the_command(provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PACKAGES, provider, "no_such_package")
    with pytest.raises(UsageError, match=rf"pip install 'autodata\[{provider}\]'"):
        wire_to(provider, "http://127.0.0.1:9")


def refusal(provider: str, status: int, said: str, headers: dict[str, str] | None = None) -> web.Response:
    """An error in the provider's own form."""
    if provider == "bedrock":
        kind = {400: "ValidationException", 401: "UnrecognizedClientException", 404: "ResourceNotFoundException"}
        headers = {"x-amzn-ErrorType": kind.get(status, "ThrottlingException"), **(headers or {})}
        return web.json_response({"message": said}, status=status, headers=headers)
    if provider == "google":
        error: dict[str, Any] = {"code": status, "message": said, "status": "X"}
        return web.json_response({"error": error}, status=status, headers=headers)
    error = {"type": "error", "error": {"type": "x_error", "message": said}}
    return web.json_response(error, status=status, headers=headers)

"""What endpoints say when they refuse a setting, the mend that is named for it, and that the mend works."""

import asyncio
import time
from email.utils import formatdate
from typing import Any

import pytest
from aiohttp import web

from autodata.models.chat import close_sessions
from autodata.models.failures import TransportError, retry_after
from autodata.models.request import Request, Seat
from autodata.models.wires import wire_for
from autodata.prompting import Message
from autodata.settings import ModelSettings


@pytest.mark.parametrize(
    ("said", "mend"),
    [
        ("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.",
         'omit = ["max_tokens"]'),
        ("Unsupported value: 'temperature' does not support 0 with this model.", 'omit = ["temperature"]'),
        ("Unknown parameter: 'seed'.", 'omit = ["seed"]'),
        ("'response_format.type' must be 'text'", 'or to "auto"'),
        ("Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model", '"tools"'),
        ("registry.ollama.ai/library/x does not support tools", '"json_schema" or "prompt"'),
        ('"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set', '"prompt"'),
        ("extra fields not permitted: seed", 'omit = ["seed"]'),
    ],
)  # fmt: skip
def test_a_refused_setting_is_named_with_its_mend(said: str, mend: str) -> None:
    assert mend in (TransportError(said, 400).mend or "")
    assert TransportError(said, 500).mend is None


@pytest.mark.parametrize(
    "said",
    [
        "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens.",
        "'max_tokens' or 'max_completion_tokens' is too large: 4096. This model's maximum context length is 4096.",
        "prompt is too long: 210000 tokens > 200000 maximum",
    ],
)
def test_one_request_that_is_too_long_is_not_a_refused_setting(said: str) -> None:
    assert TransportError(said, 400).mend is None


def test_what_a_server_asks_to_wait_is_read_in_each_form() -> None:
    assert retry_after({"Retry-After": "1.5"}) == 1.5
    assert retry_after({"retry-after-ms": "250", "retry-after": "1"}) == 0.25
    assert 8 < (retry_after({"Retry-After": formatdate(time.time() + 10, usegmt=True)}) or 0) <= 10
    assert retry_after({"Retry-After": "-3"}) == 0
    assert retry_after({"Retry-After": "soon"}) is retry_after({}) is None


async def test_what_is_omitted_is_not_sent_and_extra_passes_through() -> None:
    seen: list[dict[str, Any]] = []

    async def complete(request: web.Request) -> web.Response:
        seen.append(await request.json())
        return web.json_response({"choices": [{"message": {"content": "x"}, "finish_reason": "stop"}]})

    app = web.Application()
    app.router.add_post("/v1/chat/completions", complete)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    settings = ModelSettings.model_validate(
        {
            "base_url": f"http://127.0.0.1:{runner.addresses[0][1]}/v1",
            "model": "m",
            "omit": ["temperature", "seed", "max_tokens"],
            "extra": {"reasoning_effort": "high", "max_completion_tokens": 99},
        }
    )
    for each in (settings, settings.model_copy(update={"omit": (), "extra": {}})):
        await wire_for(each).ask(Request(Seat("d", 1, "weak"), each, (Message("user", ("q",)),), 5))
    await asyncio.gather(close_sessions(), runner.cleanup())
    assert set(seen[0]) == {"model", "messages", "reasoning_effort", "max_completion_tokens"}
    assert (seen[1]["temperature"], seen[1]["seed"], seen[1]["max_tokens"]) == (1.0, 5, 4096)

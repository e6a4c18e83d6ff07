"""A streamed answer, as Studio shows it, is the same answer: text, hidden thinking, usage and why it ended."""

import json
from typing import Any

from aiohttp import web

from autodata.models.chat import chat_model
from autodata.models.replies import reply_of
from autodata.models.request import Request, Seat
from autodata.prompting import Message
from autodata.settings import ModelSettings

DELTAS = [{"reasoning_content": "hid"}, {"reasoning_content": "den"}, {"content": "an "}, {"content": "answer"}]


async def test_a_streamed_answer_keeps_thinking_apart_and_usage() -> None:
    async def complete(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        ends: list[dict[str, Any]] = [{"delta": delta, "finish_reason": None} for delta in DELTAS]
        for choice in [*ends, {"delta": {}, "finish_reason": "length"}]:
            chunk = {
                "id": "x",
                "object": "chat.completion.chunk",
                "model": "m",
                "choices": [{"index": 0, **choice}],
            }
            await response.write(f"data: {json.dumps(chunk)}\n\n".encode())
        usage = {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}
        last = {"id": "x", "object": "chat.completion.chunk", "model": "m", "choices": [], "usage": usage}
        await response.write(f"data: {json.dumps(last)}\n\ndata: [DONE]\n\n".encode())
        return response

    app = web.Application()
    app.router.add_post("/v1/chat/completions", complete)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    settings = ModelSettings(model="m")
    chat = chat_model(settings, f"http://127.0.0.1:{runner.addresses[0][1]}/v1", None)
    chunks = [chunk async for chunk in chat.astream("hi")]
    await runner.cleanup()
    whole = chunks[0]
    for chunk in chunks[1:]:
        whole += chunk
    request = Request(Seat("d", 1, "weak"), settings, (Message("user", ("hi",)),), 1)
    reply = reply_of(request, whole)
    assert (reply.text, reply.thinking, reply.finish) == ("an answer", "hidden", "length")
    assert (reply.usage.tokens_in, reply.usage.tokens_out) == (3, 4)

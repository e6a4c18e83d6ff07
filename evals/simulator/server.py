"""The simulated server's HTTP side: chat completions and models, in a process of its own."""

import asyncio
import contextlib
import hashlib
import time
from typing import Any

import orjson
from aiohttp import web

from evals.simulator.faults import FaultDraw, Faults
from evals.simulator.obedience import obeyed
from evals.simulator.prefix import PrefixCache
from evals.simulator.roles import PROBE, answer, role_of, way_of
from evals.simulator.truth import ABILITIES

RETRY_AFTER_S = 0.05
CONTEXT_TOKENS = 131_072


class Simulator:
    """One server: its latency, its faults, and what it was asked."""

    def __init__(
        self,
        latency_s: float = 0.0,
        faults: Faults | None = None,
        seed: int = 0,
        key: str = "",
        refuse: str = "",
        obedient: bool = False,
    ) -> None:
        self.latency_s = latency_s
        self.obedient = obedient
        self.seed = seed
        self.key = key
        self.refused = set(filter(None, refuse.split(",")))
        self.draws = FaultDraw(faults or Faults())
        self.prefixes = PrefixCache()
        self.started = time.monotonic()
        self.answered = 0
        self.distinct: set[bytes] = set()

    def app(self) -> web.Application:
        """The web application."""
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_post("/v1/chat/completions", self.complete)
        app.router.add_get("/v1/models", self.models)
        app.router.add_get("/stats", self.stats)
        return app

    async def complete(self, request: web.Request) -> web.StreamResponse:
        """Answer a chat completions request, or fail as the faults say."""
        given = request.headers.get("Authorization", "")
        if self.key and given != f"Bearer {self.key}":
            return _error(401, f"incorrect API key provided: {given}")  # as careless as some servers are
        raw = await request.read()
        body = orjson.loads(raw)
        if (way := way_of(body)) in self.refused:
            return _error(400, f"this server does not support {'tool_choice' if way == 'tools' else way}")
        key = hashlib.sha256(raw).hexdigest()
        if time.monotonic() - self.started < self.draws.faults.slow_start:
            return _error(503, "the model is loading")
        fault = self.draws.transport(key)
        if fault == "hang":
            await asyncio.sleep(3600)
        if self.latency_s:
            await asyncio.sleep(self.latency_s)
        if fault == "rate_limit":
            return _error(429, "too many requests", {"Retry-After": str(RETRY_AFTER_S)})
        if fault == "error":
            return _error(500, f"the model crashed; the request's headers were {dict(request.headers)}")
        self.answered += 1
        self.distinct.add(bytes.fromhex(key)[:12])
        completion = self._completion(body, key)
        if body.get("stream"):
            return await _streamed(request, completion)
        return web.Response(body=orjson.dumps(completion), content_type="application/json")

    async def models(self, request: web.Request) -> web.Response:
        """List the models."""
        data = [{"id": name, "object": "model", "max_model_len": CONTEXT_TOKENS} for name in (*ABILITIES, "sim")]
        return web.json_response({"object": "list", "data": data})

    async def stats(self, request: web.Request) -> web.Response:
        """Say how many requests were answered, how many were not the same as another, and who obeyed a text."""
        found = {"answered": self.answered, "distinct": len(self.distinct), "obeyed": obeyed}
        return web.json_response(found)

    def _completion(self, body: dict[str, Any], key: str) -> dict[str, Any]:
        text, thinking, finish = answer(body, self.seed, self.obedient), None, "stop"
        asked = "\n".join(str(message["content"]) for message in body["messages"])
        fault = self.draws.answer(key)
        solving = role_of(body, asked) == "solver"
        if solving and ((fault == "empty" and PROBE not in asked) or self.draws.muted()):
            text = ""
        elif fault == "unreadable" and not solving:
            text = "I am sorry, here is what I think about that: it depends."
        elif fault == "truncated":
            text, finish = text[: len(text) // 2], "length"
        elif fault == "reasoning_only":
            text, thinking, finish = "", "Let me think about this at length. " * 20, "length"
        message: dict[str, Any] = {"role": "assistant", "content": text}
        if thinking:
            message["reasoning_content"] = thinking
        if body.get("tools") and text:
            called = {"name": body["tools"][0]["function"]["name"], "arguments": text}
            call = {"id": f"call-{key[:12]}", "type": "function", "function": called}
            message |= {"content": None, "tool_calls": [call]}
        tokens_in, tokens_out = len(asked) // 4, (len(text) + len(thinking or "")) // 4
        cached = self.prefixes.cached_chars(str(body.get("model")), asked) // 4
        return {
            "id": f"sim-{key[:12]}",
            "object": "chat.completion",
            "created": 0,
            "model": body.get("model"),
            "choices": [{"index": 0, "message": message, "finish_reason": finish}],
            "usage": {
                "prompt_tokens": tokens_in,
                "completion_tokens": tokens_out,
                "total_tokens": tokens_in + tokens_out,
                "prompt_tokens_details": {"cached_tokens": cached},
                "completion_tokens_details": {"reasoning_tokens": len(thinking or "") // 4},
            },
        }


async def _streamed(request: web.Request, completion: dict[str, Any]) -> web.StreamResponse:
    """The same completion in a few server-sent events."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    choice = completion["choices"][0]
    text = choice["message"]["content"]
    pieces = [text[at : at + 200] for at in range(0, len(text), 200)] or [""]
    base = {**completion, "object": "chat.completion.chunk"}
    for piece in pieces:
        delta = {"index": 0, "delta": {"role": "assistant", "content": piece}, "finish_reason": None}
        await _event(response, {**base, "usage": None, "choices": [delta]})
    last = {"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}
    await _event(response, {**base, "choices": [last]})
    await response.write(b"data: [DONE]\n\n")
    return response


async def _event(response: web.StreamResponse, data: dict[str, Any]) -> None:
    await response.write(b"data: " + orjson.dumps(data) + b"\n\n")


def _error(status: int, message: str, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response({"error": {"message": message}}, status=status, headers=headers)


def serve(
    port: int,
    latency_s: float = 0.0,
    faults: str = "",
    seed: int = 0,
    key: str = "",
    refuse: str = "",
    obedient: bool = False,
) -> None:
    """Serve until interrupted; prints the address when it is ready."""
    simulator = Simulator(latency_s, Faults.parse(faults), seed, key, refuse, obedient)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(port, simulator))


async def _serve(port: int, simulator: Simulator) -> None:
    runner = web.AppRunner(simulator.app(), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port, backlog=1024)
    await site.start()
    address = runner.addresses[0]
    print(f"simulated models on http://{address[0]}:{address[1]}/v1", flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()

"""`autodata doctor`: what works is said, what does not is said with its mend, and nothing is downloaded."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from autodata.models.chat import close_sessions
from autodata.models.checkup import Checkup, check_endpoints
from autodata.settings import configure
from tests.conftest import Autodata, simulated

CONFIG = """
domain = "cs_research"
[models.default]
base_url = "{good}"
model = "sim"
structured = "auto"
[models.judge]
base_url = "{locked}"
api_key_env = "WRONG_KEY"
[models.quality_verifier]
base_url = "http://127.0.0.1:9/v1"
[models.weak]
provider = "embedded"
model = "qwen2.5-coder-0.5b-instruct"
[models.strong]
base_url = "https://example.invalid/v1"
api_key_env = "NOT_SET"
"""


def test_each_role_is_told_of_and_a_broken_one_exits_4(autodata: Autodata, tmp_path: Path) -> None:
    path = tmp_path / "autodata.toml"
    with simulated("--refuse", "json_schema") as good, simulated("--key", "right") as locked:
        path.write_text(CONFIG.format(good=good, locked=locked))
        told = autodata("doctor", "--config", path, "--json", check=4, WRONG_KEY="wrong")
        found = {role: entry for entry in json.loads(told.stdout) for role in entry["roles"]}
    works = found["challenger"]
    assert works["works"] and works["structured"] == "tools" and works["seeds"] == "honoured"
    assert works["usage"] and works["context_tokens"] == 131_072 and works["latency_s"] < 20
    assert works["roles"] == ["orchestrator", "challenger"]
    assert found["judge"]["key_accepted"] is False and "WRONG_KEY is refused" in found["judge"]["problem"]
    assert found["quality_verifier"]["reachable"] is False
    assert found["weak"]["works"] and "the first run downloads it" in found["weak"]["problem"]
    assert not list((tmp_path / "home").rglob("*.gguf"))
    assert "NOT_SET is not set" in found["strong"]["problem"]
    assert "judge" in told.stderr and "wrong" not in told.stderr


async def checked(answer: Callable[[dict[str, Any]], web.Response], **more: Any) -> Checkup:
    """The checkup of a challenger's endpoint that answers so, and lists one model."""

    async def complete(request: web.Request) -> web.Response:
        return answer(await request.json())

    async def models(request: web.Request) -> web.Response:
        return web.json_response({"data": [{"id": "known", "context_length": 4096}, {"id": "other"}]})

    app = web.Application()
    app.router.add_post("/v1/chat/completions", complete)
    app.router.add_get("/v1/models", models)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    try:
        settings = configure(None, {"models": {"default": {"base_url": url, "model": "known", **more}}}).settings
        (found,) = await check_endpoints(settings)
        return found
    finally:
        await close_sessions()
        await runner.cleanup()


def says(text: str, **usage: int) -> web.Response:
    choice = {"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    return web.json_response({"choices": [choice], "usage": usage})


async def test_an_unknown_model_is_told_of_with_those_that_there_are() -> None:
    error = web.json_response
    found = await checked(lambda body: error({"error": {"message": "no such model"}}, status=404), model="unknown")
    assert found.model_exists is False and not found.works and "known, other" in found.problem


@pytest.mark.parametrize(
    ("text", "seeds"),
    [(lambda body: f"town {body['seed']}", "honoured"), (lambda body: f"town {id(body)}", "ignored"),
     (lambda body: "town", "copies")],
)  # fmt: skip
async def test_seeds_that_do_nothing_are_told_of(text: Callable[[dict[str, Any]], str], seeds: str) -> None:
    kept: list[dict[str, Any]] = []

    def answer(body: dict[str, Any]) -> web.Response:
        kept.append(body)  # so that no two have one id
        return says('{"sides": 3}' if "triangle" in str(body) else text(body))

    found = await checked(answer)
    assert found.seeds == seeds and found.works and found.usage is False and found.context_tokens == 4096
    assert ("attempts are copies" in found.problem) is (seeds == "copies")


async def test_a_form_that_is_ignored_in_silence_is_told_of_and_auto_finds_another() -> None:
    def answer(body: dict[str, Any]) -> web.Response:
        return says('{"sides": 3}' if "JSON schema" in str(body) else "Three sides.", completion_tokens=3)

    found = await checked(answer)
    assert not found.works and 'set `structured` to "auto"' in found.problem
    assert (await checked(answer, structured="auto")).structured == "json_object"

"""Who is served: this machine alone, or whoever has the token; and no unknown web page in its browser."""

import json
import socket
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from langgraph_sdk import Auth

from graphs.auth import authenticate
from tests.graphs.serving import langgraph_dev

HERE = {"client": ("127.0.0.1", 50_000)}
FAR = {"client": ("192.0.2.7", 50_000)}
LOCAL = {b"host": b"127.0.0.1:2024"}


async def served(headers: dict[Any, Any], scope: dict[str, Any] | None) -> bool:
    try:
        return bool(await authenticate(headers, scope))
    except Auth.exceptions.HTTPException as refused:
        assert refused.status_code == 401
        return False


@pytest.mark.parametrize(
    ("headers", "scope", "allowed"),
    [
        (LOCAL, HERE, True),
        (LOCAL, {"client": ("::1", 50_000)}, True),
        ({b"host": b"localhost:2024"}, HERE, True),
        ({b"host": b"[::1]:2024"}, HERE, True),
        ({**LOCAL, b"origin": b"https://smith.langchain.com"}, HERE, True),
        ({**LOCAL, b"origin": b"http://localhost:3000"}, HERE, True),
        (LOCAL, FAR, False),
        (LOCAL, None, False),
        (LOCAL, {"client": None}, False),
        ({**LOCAL, b"x-forwarded-for": b"127.0.0.1"}, FAR, False),
        ({**LOCAL, b"x-auth-scheme": b"langsmith"}, FAR, False),
        ({**LOCAL, b"origin": b"https://evil.example"}, HERE, False),
        ({**LOCAL, b"origin": b"https://smith.langchain.com.evil.example"}, HERE, False),
        ({**LOCAL, b"origin": b"null"}, HERE, False),
        ({b"host": b"evil.example:2024"}, HERE, False),
        ({b"host": b"[broken"}, HERE, False),
        ({}, HERE, False),
    ],
)
async def test_without_a_token_only_this_machine_is_served(
    headers: dict[Any, Any], scope: dict[str, Any] | None, allowed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AUTODATA_SERVER_TOKEN", raising=False)
    assert await served(headers, scope) is allowed


@pytest.mark.parametrize(
    ("header", "allowed"),
    [("Bearer right", True), ("Bearer wrong", False), ("Bearer ", False), ("right", False), ("", False)],
)
async def test_with_a_token_only_its_holder_is_served(
    header: str, allowed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTODATA_SERVER_TOKEN", "right")
    for scope in (HERE, FAR, None):
        assert await served({**LOCAL, b"authorization": header.encode()}, scope) is allowed
        assert await served({"host": "x", "Authorization": header}, scope) is allowed


def status(url: str, **headers: str) -> int:
    asked = urllib.request.Request(
        f"{url}/assistants/search",
        data=json.dumps({}).encode(),
        headers={
            "Content-Type": "application/json",
            **{name.replace("_", "-"): at for name, at in headers.items()},
        },
    )
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code


def own_address() -> str:
    """An address of this machine by which it reaches itself as any other host would; loopback if it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("198.51.100.1", 9))  # sends nothing: only a route is looked for
            return str(probe.getsockname()[0])
        except OSError:
            return socket.gethostbyname(socket.gethostname())


def test_a_server_that_listens_to_all_serves_this_machine_alone(tmp_path: Path) -> None:
    far = own_address()
    if far.startswith("127."):
        pytest.skip("this machine has no address beside loopback")
    with langgraph_dev(tmp_path, "--host", "0.0.0.0") as server:
        outside = server.url.replace("127.0.0.1", far)
        assert status(server.url) == 200
        assert status(server.url, Origin="https://smith.langchain.com") == 200
        assert status(outside) == 401
        assert status(outside, X_Forwarded_For="127.0.0.1") == 401
        assert status(outside, X_Auth_Scheme="langsmith") == 401
        assert status(server.url, Origin="https://evil.example") == 401
    with langgraph_dev(tmp_path, "--host", "0.0.0.0", AUTODATA_SERVER_TOKEN="s3cret-token") as server:
        outside = server.url.replace("127.0.0.1", far)
        assert status(server.url) == status(outside) == 401
        assert status(outside, X_Auth_Scheme="langsmith") == 401
        assert status(outside, Authorization="Bearer s3cret-token") == 200
    assert b"s3cret-token" not in server.log.read_bytes()

"""Who may use a LangGraph server of this project: this machine alone, or whoever has its token.

Named in `langgraph.json` as `auth.path`. With `AUTODATA_SERVER_TOKEN` set, every request must carry it as
`Authorization: Bearer TOKEN`. Without, only requests from this machine are served, and from a browser only those
of pages that are known: any web page can make a browser call 127.0.0.1.
"""

import hmac
import ipaddress
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from langgraph_sdk import Auth

TOKEN = "AUTODATA_SERVER_TOKEN"
STUDIO = ("smith.langchain.com", "eu.smith.langchain.com")
"""LangGraph Studio's pages, which call the server from the person's own browser."""

auth = Auth()


def token() -> str:
    """The server's token, for the server and for those who call it; empty if there is none."""
    return os.environ.get(TOKEN, "").strip()


@auth.authenticate
async def authenticate(
    headers: Mapping[Any, Any], scope: dict[str, Any] | None = None
) -> Auth.types.MinimalUserDict:
    """Let a request in, or refuse it with 401.

    Args:
        headers: the request's; their names and values are bytes on LangGraph's server, text on Aegra.
        scope: of the connection, with the peer's address; a server that does not give it needs the token.
    """
    given = {_text(name).lower(): _text(value) for name, value in headers.items()}
    if expected := token():
        allowed = hmac.compare_digest(given.get("authorization", "").encode(), f"Bearer {expected}".encode())
        mend = f"send the server's {TOKEN} as a bearer token"
    else:
        allowed = _from_here(scope or {}, given)
        mend = f"only this machine is served; set {TOKEN} on the server, and send it as a bearer token"
    if not allowed:
        raise Auth.exceptions.HTTPException(status_code=401, detail=mend)
    return {"identity": "owner"}


def _from_here(scope: Mapping[str, Any], headers: Mapping[str, str]) -> bool:
    """Whether a request comes from this machine, was sent to it by name, and from no unknown web page."""
    peer = scope.get("client")
    if not peer or not _loopback(peer[0]) or not _loopback(_host(f"//{headers.get('host', '')}")):
        return False
    origin = headers.get("origin")
    return origin is None or _host(origin) in STUDIO or _loopback(_host(origin))


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)

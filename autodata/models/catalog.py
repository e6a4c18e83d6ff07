"""Reads a server's list of models: how long a prompt may be, and which other names it knows."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import aiohttp
import orjson

from autodata.errors import UsageError
from autodata.models.keys import key_for
from autodata.settings import ModelSettings

_WITHIN_S = 10.0
# vLLM, OpenRouter and LiteLLM, LM Studio, others
_LENGTHS = ("max_model_len", "context_length", "max_context_length", "context_window", "max_input_tokens")


class ModelCard(NamedTuple):
    """What the list says of a model."""

    context_tokens: int | None = None
    others: tuple[str, ...] = ()
    """The other names in the list."""


async def card_of(model: ModelSettings, address: str) -> ModelCard:
    """A model's entry in the server's list; an empty card where there is no such list."""
    if model.provider not in ("openai", "embedded"):
        return ModelCard()
    try:
        key = None if model.provider == "embedded" else key_for(model)
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        timeout = aiohttp.ClientTimeout(total=_WITHIN_S)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(f"{address.rstrip('/')}/models", headers=headers) as response,
        ):
            entries = orjson.loads(await response.read())["data"]
        return _card(model.model, [entry for entry in entries if isinstance(entry, Mapping)])
    except (aiohttp.ClientError, TimeoutError, ValueError, LookupError, TypeError, UsageError):
        return ModelCard()


def _card(name: str, entries: list[Mapping[str, Any]]) -> ModelCard:
    names = tuple(str(entry.get("id")) for entry in entries)
    mine = next((entry for entry in entries if entry.get("id") == name), None)
    if mine is None and len(entries) == 1:  # llama.cpp names its one model by its file
        mine = entries[0]
    meta = mine.get("meta") if mine else None
    found = {**(meta if isinstance(meta, Mapping) else {}), **(mine or {})}
    lengths = (found.get(field) for field in (*_LENGTHS, "n_ctx", "n_ctx_train"))
    length = next((length for length in lengths if isinstance(length, int)), None)
    return ModelCard(length, tuple(other for other in names if other != name))

"""Finds out, once an endpoint and model, by which way it gives structured answers: what `auto` stands for."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from pydantic import BaseModel

from autodata.errors import EndpointError, ReplyError, RequestRefusedError
from autodata.models.asking import with_form
from autodata.models.gateway import Gateway
from autodata.models.request import Reply, Request, Seat
from autodata.models.structured import read_answer, schema_of
from autodata.prompting import Message
from autodata.schemas import ROLES, Role
from autodata.settings import ModelSettings, Settings, Structured

WAYS: tuple[Structured, ...] = ("json_schema", "tools", "json_object", "prompt")
"""In the order in which they are tried: the stricter first."""
Ask = Callable[[Request], Awaitable[Reply]]
_WITHOUT_OBJECT = ("anthropic", "bedrock")


class ProbeAnswer(BaseModel):
    """What the probe asks for; nothing in its question hints at this form."""

    sides: int


_FORM = schema_of(ProbeAnswer, "probe")
_QUESTION = (Message("user", ("How many sides does a triangle have?",)),)


async def with_ways(settings: Settings, gateway: Gateway) -> Settings:
    """The settings with every `auto` replaced by what works, as the run's first session found out.

    What was found is in the ledger, so that a run that goes on asks in the same way and replays what was paid.

    Raises:
        EndpointError: if an endpoint is down, or no way works.
    """
    asked: dict[str, Role] = {}
    for role in ROLES:
        if settings.model(role).structured == "auto":
            asked.setdefault(_key(settings.model(role)), role)
    if not asked:
        return settings
    known = await gateway.ledger.notes(list(asked))
    missing = [key for key in asked if key not in known]
    found = await asyncio.gather(
        *(find_way(settings.model(asked[key]), Seat("", 0, asked[key]), gateway.call) for key in missing)
    )
    await gateway.ledger.note(dict(zip(missing, found, strict=True)))
    known = await gateway.ledger.notes(list(asked))
    models = {role: _resolved(settings.model(role), known) for role in ROLES}
    return settings.model_copy(update={"models": models})


async def find_way(model: ModelSettings, seat: Seat, ask: Ask) -> Structured:
    """The first way by which a model gives the form asked for.

    Raises:
        EndpointError: if the endpoint is down, or no way works.
    """
    problem = ""
    for way in WAYS:
        if way == "json_object" and model.provider in _WITHOUT_OBJECT:
            continue
        try:
            await try_way(model.model_copy(update={"structured": way}), seat, ask)
            return way
        except (ReplyError, RequestRefusedError) as refused:
            problem = str(refused)
    raise EndpointError(f"{model.endpoint}: {model.model} gives no structured answer in any way ({problem})")


async def try_way(model: ModelSettings, seat: Seat, ask: Ask) -> None:
    """Ask for one small answer in the way that the settings name; ReplyError if it comes in another form."""
    reply = await ask(with_form(Request(seat, model, _QUESTION, seat.seed(0), _FORM)))
    read_answer(reply.text, ProbeAnswer, reply.truncated)


def _key(model: ModelSettings) -> str:
    return f"structured|{model.endpoint}|{model.model}"


def _resolved(model: ModelSettings, known: Mapping[str, str]) -> ModelSettings:
    if model.structured != "auto":
        return model
    return model.model_copy(update={"structured": known[_key(model)]})

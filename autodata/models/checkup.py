"""Tries each role's endpoint with a few small calls: does it answer, in which form, with seeds, and how fast."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from langchain_core.messages import AIMessage

from autodata.errors import AutodataError, EndpointError, ReplyError
from autodata.models.catalog import ModelCard, card_of
from autodata.models.endpoint import Endpoint
from autodata.models.failures import TransportError
from autodata.models.local import LocalServers
from autodata.models.local_files import is_here
from autodata.models.probing import find_way, try_way
from autodata.models.replies import reply_of
from autodata.models.request import Reply, Request, Seat
from autodata.models.wires import Wire, wire_for
from autodata.prompting import Message
from autodata.schemas import ROLES, SOLVERS, Role
from autodata.settings import ModelSettings, Settings

_QUESTION = (Message("user", ("Invent a name for a small town, and say one thing about it, in one line.",)),)
_SEATS = (Seat("doctor", 1, "weak"), Seat("doctor", 1, "weak"), Seat("doctor", 2, "weak"))
"""The first two have one seed, the third another."""


@dataclass(frozen=True, slots=True)
class Checkup:
    """What is known of an endpoint, a model and the roles that it plays; None is not found out."""

    roles: Sequence[Role]
    endpoint: str
    model: str
    works: bool
    reachable: bool | None = None
    key_accepted: bool | None = None
    model_exists: bool | None = None
    structured: str | None = None
    """The way that works; None if no role needs one."""
    seeds: str | None = None
    usage: bool | None = None
    context_tokens: int | None = None
    latency_s: float | None = None
    problem: str = ""
    """What does not work, or works otherwise than one would wish, and the mend."""


async def check_endpoints(settings: Settings) -> list[Checkup]:
    """One checkup for all roles that ask the same model in the same way, all at once; nothing is downloaded."""
    servers = LocalServers()
    groups: dict[str, list[Role]] = {}
    for role in ROLES:
        groups.setdefault(_group(settings.model(role)), []).append(role)
    try:
        return await asyncio.gather(*(_checked(settings, roles, servers) for roles in groups.values()))
    finally:
        await servers.close()


def _group(model: ModelSettings) -> str:
    """What tells one checkup from another: all but how an answer is sampled, paid and waited for."""
    kept = {"provider", "model", "api_key_env", "structured", "omit", "extra"}
    return f"{model.endpoint} {model.model_dump_json(include=kept)}"


async def _checked(settings: Settings, roles: Sequence[Role], servers: LocalServers) -> Checkup:
    # Warm, whatever the role: two answers with one seed say nothing if all answers are the same.
    model = settings.model(roles[0]).model_copy(update={"temperature": 1.0})
    found = Checkup(roles, model.endpoint, model.model, works=False)
    try:
        address = None
        if model.provider == "embedded":
            if not is_here(model.model):
                return replace(found, works=True, problem="not on this machine yet; the first run downloads it")
            address = await servers.address(model.model)
        patient = Patient(model, wire_for(model, address), address or model.base_url)
    except AutodataError as problem:
        return replace(found, problem=str(problem))
    try:
        return await _examined(patient, found)
    finally:
        patient.wire.close()


class Patient:
    """A model under examination, asked without a ledger: nothing of this is part of a run."""

    def __init__(self, model: ModelSettings, wire: Wire, address: str) -> None:
        self.model, self.wire, self.address = model, wire, address
        self.failure: TransportError | None = None
        self._endpoint = Endpoint(model.endpoint, model.max_concurrency, model.api_key_env)

    async def ask(self, request: Request) -> Reply:
        """The reply to a request; the last failure is kept."""

        async def ask() -> AIMessage:
            try:
                return await self.wire.ask(request)
            except TransportError as failure:
                self.failure = failure
                raise

        return reply_of(request, (await self._endpoint.call(ask)).message)

    async def plain(self, seat: Seat) -> Reply:
        """The answer to a question that has many."""
        return await self.ask(Request(seat, self.model, _QUESTION, seat.seed(0)))


async def _examined(patient: Patient, found: Checkup) -> Checkup:
    """First one call, then all others at once."""
    card = asyncio.create_task(card_of(patient.model, patient.address))
    started = time.monotonic()
    try:
        first = await patient.plain(_SEATS[0])
    except (EndpointError, ReplyError) as problem:
        return _failed(found, patient, await card, str(problem))
    latency = time.monotonic() - started
    found = replace(found, reachable=True, key_accepted=True, model_exists=True, latency_s=round(latency, 3))
    found = replace(found, usage=first.usage.tokens_out > 0, context_tokens=(await card).context_tokens)
    seeds, structured = await asyncio.gather(_seeds(patient, first), _structured(patient, found.roles))
    notes = [
        structured.problem,
        "" if seeds != COPIES else "its answers do not vary with the seed: attempts are copies",
    ]
    if first.truncated and not first.text:
        notes.append("hidden thinking took all of `max_tokens`; raise it")
    return replace(
        found,
        works=structured.works,
        structured=structured.way,
        seeds=seeds,
        problem="; ".join(filter(None, notes)),
    )


def _failed(found: Checkup, patient: Patient, card: ModelCard, problem: str) -> Checkup:
    """What a first call without an answer says of the endpoint."""
    status = patient.failure.status if patient.failure else None
    if status == 404 and card.others:
        problem = f"{problem}; it has {', '.join(card.others[:5])}"
    return replace(
        found,
        reachable=status is not None,
        key_accepted=None if status is None else status not in (401, 403),
        model_exists=False if status == 404 else None,
        problem=problem,
    )


COPIES = "copies"


async def _seeds(patient: Patient, first: Reply) -> str:
    """Whether one seed gives one text, and another seed another."""
    if "seed" in patient.model.omit or patient.model.provider in ("anthropic", "bedrock"):
        return "not sent"
    try:
        same, other = await asyncio.gather(*(patient.plain(seat) for seat in _SEATS[1:]))
    except AutodataError:
        return "unknown"
    if first.text == same.text == other.text:
        return COPIES
    return "honoured" if first.text == same.text else "ignored"


@dataclass(frozen=True, slots=True)
class _Form:
    works: bool
    way: str | None = None
    problem: str = ""


async def _structured(patient: Patient, roles: Sequence[Role]) -> _Form:
    """Whether a small answer comes in the form asked for, if any of the roles needs that."""
    asks = [role for role in roles if role not in SOLVERS]
    if not asks:
        return _Form(works=True)
    seat = Seat("doctor", 1, asks[0])
    try:
        if patient.model.structured == "auto":
            return _Form(True, await find_way(patient.model, seat, patient.ask))
        await try_way(patient.model, seat, patient.ask)
    except ReplyError as problem:
        mend = 'set `structured` to "auto", "tools", "json_object" or "prompt"'
        return _Form(False, None, f"no answer in the form of {patient.model.structured}: {problem}; {mend}")
    except EndpointError as problem:
        return _Form(False, None, str(problem))
    return _Form(True, patient.model.structured)


def as_json(found: Checkup) -> Mapping[str, object]:
    """A checkup for a script."""
    return {name: getattr(found, name) for name in Checkup.__slots__}

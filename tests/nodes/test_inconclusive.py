"""Empty answers: failures only if the endpoint answers the probe; else asked again, and at last an error."""

from typing import Any

import pytest

from autodata.errors import EndpointError
from autodata.ledger.records import Usage
from autodata.model_settings import ModelSettings
from autodata.models.request import Reply, Request, Seat
from autodata.prompting import Message
from nodes import inconclusive
from nodes.inconclusive import PROBE, solve

REQUEST = Request(
    Seat("d", 1, "weak", 2), ModelSettings(model="m", base_url="http://x/v1"), (Message("user", ("Q?",)),), seed=7
)


class Scripted:
    """Stands for the gateway: answers new requests in order, and replays what it answered before."""

    def __init__(self, *texts: str) -> None:
        self.texts = list(texts)
        self.answers: dict[bytes, str] = {}
        self.asked: list[str] = []
        self.discarded: list[bytes] = []
        self.gateway, self.settings, self.seed = self, self, 0

    async def call(self, request: Request) -> Reply:
        replayed = request.key in self.answers
        if not replayed:
            self.asked.append("probe" if request.messages == PROBE else "question")
            self.answers[request.key] = self.texts.pop(0)
        text = self.answers[request.key]
        return Reply(
            request.key, text.removesuffix("..."), "", "length" if "..." in text else "stop", Usage(), replayed
        )

    def unreadable(self, request: Request, reason: str) -> None:
        self.discarded.append(request.key)


@pytest.fixture(autouse=True)
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inconclusive, "WAITS_S", (0.0, 0.0))


async def solved(script: Any) -> str:
    return (await solve(script, REQUEST)).reply.text


async def test_an_answer_needs_no_probe() -> None:
    script = Scripted("x")
    assert await solved(script) == "x" and script.asked == ["question"]


async def test_an_empty_answer_counts_if_the_probe_is_answered() -> None:
    script = Scripted("", "4")
    assert await solved(script) == "" and script.discarded == []
    assert await solved(script) == "" and script.asked == ["question", "probe"], "and is replayed as such"


async def test_a_cut_off_answer_is_the_solvers_own_and_a_cut_off_probe_shows_an_endpoint_at_work() -> None:
    assert await solved(Scripted("...")) == ""
    script = Scripted("", "...")
    assert await solved(script) == "" and script.discarded == []


async def test_what_a_silent_endpoint_answered_is_discarded_and_asked_again() -> None:
    script = Scripted("", "", "", "", "x")
    made = await solve(script, REQUEST)  # type: ignore[arg-type]
    assert made.reply.text == "x" and made.request.seed != REQUEST.seed
    assert len(script.discarded) == 2 and REQUEST.key in script.discarded


async def test_an_endpoint_that_stays_silent_is_an_error_and_the_next_session_asks_anew() -> None:
    script = Scripted(*[""] * 6, "x")
    with pytest.raises(EndpointError, match=r"http://x/v1: model m gives empty answers, even to 2 \+ 2"):
        await solved(script)
    assert script.asked == ["question", "probe"] * 3
    assert await solved(script) == "x", "what was silent is replayed and passed over"
    assert script.asked[6:] == ["question"]

"""The science graph on the simulated server: several challengers, screening, exact answers, empty answers."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from sqlalchemy import select

from autodata.errors import UsageError
from autodata.ledger import tables as t
from autodata.ledger.ledger import Ledger
from autodata.ledger.views import rounds_of
from autodata.prompting import DomainFile, load_domain
from autodata.settings import configure
from graphs.science import builder, graph
from nodes.context import Context
from nodes.resources import Resources, open_resources
from tests.conftest import models_at, simulated
from tests.graphs.test_self_instruct import requests_of

DOCUMENT = {"title": "Rods", "text": "A rod carries a load that falls off with distance. " * 10}


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    opened = Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}")
    yield opened
    opened.close()


async def resources_at(url: str, ledger: Ledger, **given: Any) -> Resources:
    more = {"domain": "science", "models": models_at(url), **given}
    return await open_resources(configure(None, more).settings, ledger)


async def run(resources: Resources, text: str = DOCUMENT["text"]) -> dict[str, Any]:
    given: Any = {"document": {"title": "Rods", "text": text}}
    return dict(await graph.ainvoke(given, context=Context.of(resources)))


def test_the_picture_shows_the_challengers_and_the_screening() -> None:
    drawn = {(edge.source, edge.target) for edge in graph.get_graph(xray=True).edges}
    assert ("challenge:draft", "challenge:screen") in drawn
    assert {("orchestrate", "challenge"), ("attempt_weak", "attempt_strong"), ("audit", "accept")} <= {
        (edge.source, edge.target) for edge in graph.get_graph().edges
    }


def test_a_science_domain_has_three_to_five_challengers() -> None:
    file = load_domain("science").file
    assert 3 <= len(file.angles) <= 5 and len(set(file.angles)) == len(file.angles)
    for count in (0, 2, 6):
        with pytest.raises(ValueError, match="3 to 5"):
            DomainFile(title="t", verifier="symbolic", graph="science", angles=tuple("abcdef"[:count]))
    settings = configure(None, {"domain": "science"}).settings
    assert (settings.policy, settings.attempts.weak, settings.attempts.strong) == ("counts", 4, 4)
    assert settings.loop.feedback == "diagnosis"


async def test_rounds_of_several_candidates_are_recorded_whole_and_kept_small(
    simulator: str, ledger: Ledger
) -> None:
    models = {**models_at(simulator), "weak": {"model": "sim:9"}}  # nothing is too hard for it: every round fails
    resources = await resources_at(simulator, ledger, models=models, limits={"max_rounds": 2})
    saver = InMemorySaver()
    checked = builder.compile(checkpointer=saver)
    config: Any = {"configurable": {"thread_id": "t"}, "recursion_limit": 200}
    result = await checked.ainvoke({"document": DOCUMENT}, config, context=Context.of(resources))
    await resources.close()
    assert [entry["failure"] for entry in result["rounds"]] == ["too_easy", "too_easy"]

    angles = load_domain("science").file.angles
    for view in await ledger.read(lambda c: list(rounds_of(c, ledger.run))):
        assert [candidate.number for candidate in view.candidates] == list(range(1, len(angles) + 1))
        (chosen,) = (candidate for candidate in view.candidates if candidate.standing == "chosen")
        assert chosen.item == view.item
        assert all(candidate.reason for candidate in view.candidates if candidate is not chosen)
    judges = {row.judge for row in await ledger.read(lambda c: c.execute(select(t.judgments)).all())}
    assert "symbolic" in judges, "code decides first"

    requests = await ledger.read(requests_of)
    challengers = [text for role, text in requests if role == "challenger"]
    assert all(sum(angle in text for angle in angles) == 1 for text in challengers)
    second = [text for text in challengers if "ENTIRELY NEW" in text]
    assert second and all("DO THIS NEXT" in text for text in second), "prescriptions, not labels"
    for role, text in requests:
        if role in ("weak", "strong"):
            assert "equivalent to" not in text and DOCUMENT["text"] not in text
        if role == "judge":
            assert "equivalent to" in text and DOCUMENT["text"] not in text
            assert "weak" not in text and "strong" not in text

    history = [snapshot async for snapshot in checked.aget_state_history(config)]
    assert max(len(saver.serde.dumps_typed(snapshot.values)[1]) for snapshot in history[:-2]) < 20_000
    assert len(history[0].values["candidates"]) == len(angles) and "drafts" not in history[0].values


async def _attempts(ledger: Ledger) -> list[Any]:
    return list(await ledger.read(lambda c: c.execute(select(t.attempts)).all()))


async def test_an_empty_answer_counts_if_the_endpoint_answers_the_probe(ledger: Ledger) -> None:
    with simulated("--faults", "empty=0.4") as url:
        resources = await resources_at(url, ledger, limits={"max_rounds": 1})
        await run(resources)
        await resources.close()
    statuses = [row.status for row in await _attempts(ledger)]
    assert {"empty", "answered"} == set(statuses)
    probes = [text for role, text in await ledger.read(requests_of) if "2 + 2" in text]
    assert len(probes) == statuses.count("empty")
    views = await ledger.read(lambda c: list(rounds_of(c, ledger.run)))
    assert {a.score for view in views for a in view.attempts if a.status == "empty"} == {0}


def test_a_domain_without_angles_is_refused_by_its_file(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "domain.toml").write_text('title = "T"\nverifier = "symbolic"\ngraph = "science"\n')
    with pytest.raises(UsageError, match=r"domain\.toml.*`angles`"):
        load_domain("d", tmp_path)

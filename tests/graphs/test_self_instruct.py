"""The loop on the simulated server: its contract, its order, its feedback, and small checkpoints."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from sqlalchemy import select

from autodata.acceptance import POLICIES, decide
from autodata.ledger import tables as t
from autodata.ledger.ledger import Ledger
from autodata.ledger.records import unpack
from autodata.ledger.views import rounds_of
from autodata.settings import configure
from graphs.self_instruct import Context, builder, graph
from nodes.resources import ClosedRound, Resources, open_resources
from tests.conftest import models_at, simulated

DOCUMENT = {"title": "Queues", "text": "Queues trade latency against throughput. " * 30}
KEYS = {"round", "question", "failure", "weak_mean", "strong_mean", "feedback"}


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    opened = Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}")
    yield opened
    opened.close()


async def resources_at(url: str, ledger: Ledger, seen: list[ClosedRound] | None = None, **given: Any) -> Resources:
    more = {"domain": "cs_research", "models": models_at(url), **given}
    return await open_resources(
        configure(None, more).settings, ledger, on_round=(seen if seen is not None else []).append
    )


def too_easy_at(url: str) -> dict[str, Any]:
    """A weak solver that nothing is too hard for: every round fails."""
    return {**models_at(url), "weak": {"model": "sim:9"}}


async def run(resources: Resources, text: str = DOCUMENT["text"]) -> dict[str, Any]:
    given: Any = {"document": {"title": "Queues", "text": text}}
    return dict(await graph.ainvoke(given, context=Context.of(resources)))


async def test_the_output_is_the_contract(simulator: str, ledger: Ledger) -> None:
    resources = await resources_at(simulator, ledger)
    result = await run(resources)
    await resources.close()
    assert set(result) == {"verdict", "item", "rounds"}
    assert result["verdict"] == "accepted"
    assert all(set(entry) == KEYS for entry in result["rounds"])
    assert [entry["round"] for entry in result["rounds"]] == list(range(1, len(result["rounds"]) + 1))
    assert [entry["failure"] is None for entry in result["rounds"]] == [False] * (len(result["rounds"]) - 1) + [
        True
    ]
    assert set(result["item"]) == {
        "context", "question", "question_type", "reasoning_skills", "reference_answer", "rubric",
    }  # fmt: skip
    json.dumps(result)


async def test_the_strong_solver_is_asked_only_after_the_weak_gate(simulator: str, ledger: Ledger) -> None:
    seen: list[ClosedRound] = []
    resources = await resources_at(simulator, ledger, seen)
    for number in range(12):
        await run(resources, f"Document {number}. {DOCUMENT['text']}")
    await resources.close()
    easy = [closed for closed in seen if closed.record.failure == "too_easy"]
    accepted = [closed for closed in seen if closed.record.failure is None]
    assert easy and accepted
    assert all(closed.record.strong_mean is None for closed in easy)
    assert all(closed.record.strong_mean for closed in accepted)


async def test_solvers_never_see_rubric_reference_or_document_and_get_the_same_prompt(
    simulator: str, ledger: Ledger
) -> None:
    resources = await resources_at(simulator, ledger)
    result = await run(resources)
    await resources.close()
    requests = await ledger.read(requests_of)
    item = result["item"]
    final = [text for role, text in requests if role in ("weak", "strong") and item["question"] in text]
    assert len(final) == 6 and len(set(final)) == 1
    for text in final:
        assert item["context"] in text
        assert item["reference_answer"] not in text and DOCUMENT["text"] not in text
        assert not any(criterion["criterion"] in text for criterion in item["rubric"])
    for text in (text for role, text in requests if role == "judge"):
        assert item["reference_answer"] not in text and DOCUMENT["text"] not in text
        assert "weak" not in text and "strong" not in text


def requests_of(connection: Any) -> list[tuple[str, str]]:
    """Role and rendered request of every call."""
    bodies = {bytes(row.hash): unpack(row.body) for row in connection.execute(select(t.texts))}
    found = []
    for row in connection.execute(select(t.calls)):
        outline = json.loads(bodies[bytes(row.request)])
        parts = [part for message in outline for part in message[1:]]
        text = "".join(part if isinstance(part, str) else bodies[bytes.fromhex(part[0])] for part in parts)
        found.append((row.role, text))
    return found


async def test_from_the_second_round_on_the_challenger_is_told_every_failure(
    simulator: str, ledger: Ledger
) -> None:
    resources = await resources_at(simulator, ledger, models=too_easy_at(simulator), limits={"max_rounds": 4})
    result = await run(resources)
    await resources.close()
    requests = [text for role, text in await ledger.read(requests_of) if role == "challenger"]
    assert len(requests) == len(result["rounds"]) == 4
    for round, text in enumerate(sorted(requests, key=len)):
        told = [entry["question"] for entry in result["rounds"][:round]]
        assert all(question in text for question in told)
        assert ("ENTIRELY NEW" in text) is (round > 0)


async def test_spent_rounds_end_as_exhausted_and_cost_no_more(simulator: str, ledger: Ledger) -> None:
    resources = await resources_at(simulator, ledger, limits={"max_rounds": 1})
    results = [await run(resources, f"Document {number}. {DOCUMENT['text']}") for number in range(8)]
    await resources.close()
    exhausted = [result for result in results if result["verdict"] == "exhausted"]
    assert exhausted
    assert all(result["item"] is None and len(result["rounds"]) == 1 for result in exhausted)


async def test_a_document_without_tables_is_unsuitable_for_numeric(simulator: str, ledger: Ledger) -> None:
    resources = await resources_at(simulator, ledger, domain="numeric")
    result = await run(resources)
    await resources.close()
    assert (result["verdict"], result["item"]) == ("unsuitable", None)
    assert "no table" in result["rounds"][0]["feedback"]
    assert await ledger.read(requests_of) == []


async def test_rounds_in_which_nothing_can_be_read_are_invalid_not_zero(ledger: Ledger) -> None:
    with simulated("--faults", "unreadable=1") as url:
        resources = await resources_at(url, ledger, limits={"max_rounds": 2})
        result = await run(resources)
        await resources.close()
    assert result["verdict"] == "invalid"
    assert [entry["failure"] for entry in result["rounds"]] == ["invalid", "invalid"]
    assert all(entry["weak_mean"] is None for entry in result["rounds"])


async def test_truncated_and_empty_answers_score_zero_without_a_judge_call(ledger: Ledger) -> None:
    with simulated("--faults", "truncated=0.15,reasoning_only=0.15") as url:
        resources = await resources_at(url, ledger, limits={"max_rounds": 6})
        for number in range(6):
            await run(resources, f"Document {number}. {DOCUMENT['text']}")
        await resources.close()
    attempts = await ledger.read(lambda c: c.execute(select(t.attempts)).all())
    judged = await ledger.read(lambda c: c.execute(select(t.judgments)).all())
    cut = {(row.item, row.solver, row._mapping["index"]) for row in attempts if row.status == "truncated"}
    assert len(cut) > 5
    assert cut.isdisjoint((row.item, row.solver, row._mapping["index"]) for row in judged)
    views = await ledger.read(lambda c: list(rounds_of(c, ledger.run)))
    assert {a.score for view in views for a in view.attempts if a.status == "truncated"} == {0}


async def test_a_diagnosis_is_added_and_changes_no_verdict(simulator: str, ledger: Ledger, tmp_path: Path) -> None:
    other = Ledger.open(f"sqlite:///{tmp_path / 'other.db'}")
    given: dict[str, Any] = {"models": too_easy_at(simulator), "limits": {"max_rounds": 2}}
    plain = await resources_at(simulator, other, **given)
    told = await resources_at(simulator, ledger, **given, loop={"feedback": "diagnosis"})
    without, with_it = await run(plain), await run(told)
    await plain.close()
    await told.close()
    other.close()
    requests = await ledger.read(requests_of)
    asked = next(text for role, text in requests if role == "orchestrator")
    assert "Points made:" in asked, "the diagnosis reads what the solvers wrote"
    second = max((text for role, text in requests if role == "challenger"), key=len)
    assert "DIAGNOSIS of the last question" in second and "boundary case" in second
    assert without["rounds"][0]["failure"] == with_it["rounds"][0]["failure"]


async def test_the_verdict_can_be_recomputed_from_the_rounds_booleans(simulator: str, ledger: Ledger) -> None:
    resources = await resources_at(simulator, ledger)
    for number in range(6):
        await run(resources, f"Document {number}. {DOCUMENT['text']}")
    await resources.close()
    views = await ledger.read(lambda c: list(rounds_of(c, ledger.run)))
    decided = [view for view in views if view.scores("strong")]
    assert decided
    for view in decided:
        decision = decide(POLICIES["deployed"], view.scores("weak"), view.scores("strong"))
        refused_by_audit = decision.accepted and view.failure == "failed_qv"
        assert decision.failure == view.failure or refused_by_audit


async def test_a_checkpoint_stays_small_however_many_rounds_and_however_long_the_texts(
    simulator: str, ledger: Ledger
) -> None:
    saver = InMemorySaver()
    checked = builder.compile(checkpointer=saver)
    resources = await resources_at(simulator, ledger, models=too_easy_at(simulator))
    config: Any = {"configurable": {"thread_id": "t"}, "recursion_limit": 1000}
    given: Any = {"document": {"title": "T", "text": "Long text. " * 20_000}}
    result = await checked.ainvoke(given, config, context=Context.of(resources))
    await resources.close()
    assert len(result["rounds"]) == 15
    history = [snapshot async for snapshot in checked.aget_state_history(config)]
    # The input itself is in the first two; `orchestrate` then moves the text into the ledger.
    sizes = [len(saver.serde.dumps_typed(snapshot.values)[1]) for snapshot in history[:-2]]
    assert len(sizes) > 50 and max(sizes) < 40_000
    assert all("text" not in snapshot.values["document"] for snapshot in history[:-2])


async def test_an_edited_item_is_void(simulator: str, ledger: Ledger) -> None:
    checked = builder.compile(checkpointer=InMemorySaver(), interrupt_before=["attempt_strong"])
    resources = await resources_at(simulator, ledger)
    config: Any = {"configurable": {"thread_id": "t"}, "recursion_limit": 1000}
    context = Context.of(resources)
    given: Any = {"document": DOCUMENT}
    state = await checked.ainvoke(given, config, context=context)
    snapshot = await checked.aget_state(config)
    assert snapshot.next == ("attempt_strong",), state
    item = {**snapshot.values["item"], "question": "An easier question?"}
    await checked.aupdate_state(config, {"item": item}, as_node="attempt_weak")
    await checked.ainvoke(None, config, context=context)
    entry = (await checked.aget_state(config)).values["rounds"][snapshot.values["round"] - 1]
    await resources.close()
    assert entry["failure"] == "invalid" and "changed" in entry["feedback"]


async def test_a_run_on_an_endpoint_that_honours_seeds_repeats_exactly(simulator: str, tmp_path: Path) -> None:
    async def once(name: str) -> dict[str, Any]:
        ledger = Ledger.open(f"sqlite:///{tmp_path / name}")
        resources = await resources_at(simulator, ledger)
        result = await run(resources)
        await resources.close()
        ledger.close()
        return result

    first, second = await asyncio.gather(once("a.db"), once("b.db"))
    assert first == second

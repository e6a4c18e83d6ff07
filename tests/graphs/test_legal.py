"""The legal graph on the simulated server: its edges, its order, what each role sees, and who decides."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from sqlalchemy import select

from autodata.ledger import tables as t
from autodata.ledger.ledger import Ledger
from autodata.ledger.records import unpack
from autodata.ledger.views import RoundView, rounds_of
from autodata.settings import configure
from evals.simulator.legal import NO_REASONS
from graphs import edges
from graphs.legal import LegalContext, builder, graph
from graphs.state import LegalState
from nodes.assess import AssessInput, AssessUpdate
from nodes.challenge import ChallengeUpdate
from nodes.extract import ExtractInput, ExtractUpdate
from nodes.orchestrate import OrchestrateUpdate, RoundInput
from nodes.resources import Resources, open_resources
from nodes.write import WriteInput
from tests.conftest import models_at, simulated
from tests.graphs.test_wiring import drawn

LOOP = {
    "__start__": {"orchestrate"},
    "orchestrate": {"extract", "challenge", "exhaust"},
    "extract": {"challenge", "orchestrate"},
    "challenge": {"attempt", "orchestrate"},
    "attempt": {"assess"},
    "assess": {"accept", "orchestrate"},
    "accept": {"__end__"},
    "exhaust": {"__end__"},
}
OPINION = "The owner may redeem within nine months of notice, since she cannot act before she knows. " * 8


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    opened = Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}")
    yield opened
    opened.close()


async def run(url: str, ledger: Ledger, text: str = OPINION, roles: Any = None, **given: Any) -> dict[str, Any]:
    models = {**models_at(url), **(roles or {})}
    resources = await open_resources(
        configure(None, {"domain": "legal", "models": models, **given}).settings, ledger
    )
    asked: Any = {"document": {"title": "Opinion", "text": text}}
    result = await graph.ainvoke(asked, context=LegalContext.of(resources))
    await resources.close()
    return dict(result)


async def requests(ledger: Ledger) -> list[tuple[str, str]]:
    """Role and rendered request of every call, in the order in which they were asked."""

    def query(connection: Any) -> list[tuple[str, str]]:
        bodies = {bytes(row.hash): unpack(row.body) for row in connection.execute(select(t.texts))}
        found = []
        for row in connection.execute(select(t.calls).order_by(t.calls.c.at)):
            parts = [part for message in json.loads(bodies[bytes(row.request)]) for part in message[1:]]
            texts = [part if isinstance(part, str) else bodies[bytes.fromhex(part[0])] for part in parts]
            found.append((row.role, "".join(texts)))
        return found

    return await ledger.read(query)


def test_nodes_and_edges_are_the_loops() -> None:
    assert drawn(graph) == LOOP


@pytest.mark.parametrize(("node", "branches"), builder.branches.items(), ids=list(builder.branches))
def test_each_router_returns_a_literal_of_its_targets(node: str, branches: dict[str, Any]) -> None:
    for name in branches:
        assert set(get_args(get_type_hints(getattr(edges, name))["return"])) == LOOP[node]


@pytest.mark.parametrize(
    "declared",
    [
        ExtractInput, ExtractUpdate, WriteInput, ChallengeUpdate, AssessInput, AssessUpdate, RoundInput,
        OrchestrateUpdate,
    ],
)  # fmt: skip
def test_nodes_read_and_write_only_keys_of_the_state(declared: type) -> None:
    assert set(declared.__annotations__) <= set(get_type_hints(LegalState))


async def test_each_role_sees_what_it_may_and_the_solvers_the_question_alone(
    simulator: str, ledger: Ledger
) -> None:
    result = await run(simulator, ledger)
    asked, item = await requests(ledger), result["item"]
    assert result["verdict"] == "accepted" and item["context"] == ""
    solvers = [text for role, text in asked if role in ("weak", "strong")]
    final = [text for text in solvers if item["question"] in text]
    assert len(final) == 8 and set(final) == {item["question"]}, "5 + 3, the same prompt, byte for byte"
    challenger = [text for role, text in asked if role == "challenger"]
    extractor = [text for text in challenger if OPINION.strip() in text]
    assert len(extractor) == 1, "the document is read once, by the extractor"
    assert not any(OPINION in text for role, text in asked if role in ("judge", "orchestrator"))
    for text in (text for role, text in asked if role == "judge"):
        assert item["reference_answer"] not in text and "weak" not in text and "strong" not in text
    loop_judge = next(text for role, text in asked if role == "orchestrator" and item["question"] in text)
    assert "Capabilities, the weak solver's worst first" in loop_judge and "Points made:" in loop_judge


async def test_from_the_second_round_on_the_writer_gets_item_packet_and_suggestion(
    simulator: str, ledger: Ledger
) -> None:
    result = await run(simulator, ledger, roles={"weak": {"model": "sim:-3"}}, limits={"max_rounds": 4})
    views = await ledger.read(lambda connection: list(rounds_of(connection, ledger.run)))
    writer = [text for role, text in await requests(ledger) if role == "challenger" and "<extract-" in text]
    first, *later = [text for text in writer if "cannot be used" not in text]
    assert len(result["rounds"]) == 4 and "MODE: IMPROVE" not in first
    for view, text in zip(views, later, strict=False):
        assert view.item is not None
        if view.advice is None:  # refused by code: shown with its weights, and nothing measured
            assert "weak mean" not in text and f"1. [{view.item.rubric[0].weight:+d}] " in text
            continue
        assert "MODE: IMPROVE" in text and view.item.question in text
        assert f"SUGGESTION: {view.advice.body['suggestion_for_writer']}" in text
        assert view.advice.body["verdict_reason"] in text
        assert "weak mean 0.0" in text and f"1. [{view.item.rubric[0].weight:+d}, " in text
    loop_judge = [text for role, text in await requests(ledger) if role == "orchestrator"]
    assert "this is the first round with rollouts" in loop_judge[0]
    assert "Against the last round: criteria 18 -> " in loop_judge[1] and "- round 1: improve, " in loop_judge[1]


async def test_an_unsuitable_document_costs_one_call_and_says_why(simulator: str, ledger: Ledger) -> None:
    result = await run(simulator, ledger, f"{NO_REASONS}. {OPINION}")
    assert (result["verdict"], result["item"]) == ("unsuitable", None)
    assert result["rounds"][0]["feedback"] == "unsuitable: A summary affirmance without analysis."
    assert len(await requests(ledger)) == 1


async def test_an_override_is_named_and_no_solver_is_paid(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    with simulated("--seed", "3") as url:
        for number in range(8):
            await run(url, ledger, f"{number} {OPINION}", limits={"max_rounds": 4})
    views = await ledger.read(lambda connection: list(rounds_of(connection, ledger.run)))
    fired = [view for view in views if view.reason.startswith("code override")]
    assert fired, "the simulated writer breaks the rule now and then"
    for view in fired:
        assert view.reason == 'code override: the phrase "on appeal"'
        assert view.failure == "failed_qv" and view.attempts == () and view.advice is None
        again = next((one for one in views if (one.document, one.round) == (view.document, view.round + 1)), None)
        assert again is None or 'the phrase "on appeal"' in again.feedback


@pytest.mark.parametrize(
    ("obedient", "weak", "strong", "said"),
    [
        ("sim-accepts", "sim:3", "sim:-3", "gap -"),
        ("sim-accepts:low", "sim-weak", "sim-strong", "loop judge: suitability low"),
    ],
)
async def test_a_loop_judge_that_accepts_everything_accepts_nothing_that_code_refuses(
    simulator: str, ledger: Ledger, obedient: str, weak: str, strong: str, said: str
) -> None:
    roles = {"orchestrator": {"model": obedient}, "weak": {"model": weak}, "strong": {"model": strong}}
    result = await run(simulator, ledger, roles=roles, limits={"max_rounds": 4})
    views = await ledger.read(lambda connection: list(rounds_of(connection, ledger.run)))
    judged = [view for view in views if view.advice is not None]
    assert result["verdict"] == "exhausted" and judged
    assert all(view.advice and view.advice.advice.verdict == "accept" for view in judged)
    assert any(said in view.reason for view in judged) and all(view.failure for view in judged)


async def test_a_rubric_loosened_for_a_gain_is_refused_although_the_loop_judge_accepts(
    simulator: str, ledger: Ledger
) -> None:
    """The simulated writer shrinks its rubric now and then; accepted as `low`, it gets the rounds to do so."""
    more: Any = {"roles": {"orchestrator": {"model": "sim-accepts:low"}}, "attempts": {"weak": 2, "strong": 1}}
    refused: list[RoundView] = []
    for number in range(8):
        await run(simulator, ledger, f"{number} {OPINION}", **more, limits={"max_rounds": 8})
        views = await ledger.read(lambda connection: list(rounds_of(connection, ledger.run)))
        refused = [view for view in views if view.reason.startswith("the rubric was loosened: criteria 18 -> 15")]
        if refused:
            break
    assert refused and all(view.failure == "failed_qv" and view.advice for view in refused)


async def test_what_stays_unreadable_is_invalid_and_never_a_verdict(ledger: Ledger) -> None:
    with simulated("--faults", "unreadable=1") as url:
        result = await run(url, ledger, limits={"max_rounds": 2})
    assert result["verdict"] == "invalid"
    assert all(entry["feedback"].startswith("extractor: ") for entry in result["rounds"])


async def test_a_checkpoint_stays_small_in_sixteen_rounds_with_long_items(simulator: str, ledger: Ledger) -> None:
    saver = InMemorySaver()
    talkative = {"challenger": {"model": "sim-verbose"}, "orchestrator": {"model": "sim-accepts:low"}}
    settings = configure(None, {"domain": "legal", "models": {**models_at(simulator), **talkative}})
    resources: Resources = await open_resources(settings.settings, ledger)
    config: Any = {"configurable": {"thread_id": "t"}, "recursion_limit": 1000}
    given: Any = {"document": {"title": "T", "text": OPINION * 200}}
    checked = builder.compile(checkpointer=saver)
    result = await checked.ainvoke(given, config, context=LegalContext.of(resources))
    await resources.close()
    assert len(result["rounds"]) == 16 and result["verdict"] == "exhausted"
    history = [snapshot async for snapshot in checked.aget_state_history(config)]
    sizes = [len(saver.serde.dumps_typed(snapshot.values)[1]) for snapshot in history[:-2]]
    print(max(sizes))
    assert len(sizes) > 60 and max(sizes) < 40_000


async def test_the_graph_begins_with_its_own_domain_and_policy() -> None:
    context = LegalContext()
    assert (context.domain, context.policy, context.limits.max_rounds) == ("legal", "legal", 16)
    assert (context.attempts.weak, context.attempts.strong) == (5, 3)

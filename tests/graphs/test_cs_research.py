"""`cs_research`: the policy that does not decide, the style of the rubric, and what code refuses unasked."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from autodata.acceptance import POLICIES, decide
from autodata.documents.sources import find_sources
from autodata.ledger import tables as t
from autodata.ledger.ledger import Ledger
from autodata.ledger.summary import summarize
from autodata.ledger.views import rounds_of
from autodata.rounds import Evidence, Failed, shadow
from autodata.schemas import Document, Failure, Item
from autodata.settings import configure
from graphs.run import Plan, run_directory
from graphs.self_instruct import Context, graph
from nodes.challenge import challenge
from nodes.resources import Resources, open_resources
from tests.autodata.checks.examples import item
from tests.conftest import models_at, write_papers


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    opened = Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}")
    yield opened
    opened.close()


async def resources_at(url: str, ledger: Ledger, **given: Any) -> Resources:
    return await open_resources(
        configure(None, {"domain": "cs_research", "models": models_at(url), **given}).settings, ledger
    )


async def run(resources: Resources, documents: int) -> None:
    for number in range(documents):
        document: Any = {"title": f"Paper {number}", "text": f"Document {number} on queues. " * 30}
        await graph.ainvoke({"document": document}, context=Context.of(resources))


@pytest.mark.parametrize(("policy", "other"), [("deployed", "prose"), ("prose", "deployed")])
async def test_the_policy_that_does_not_decide_is_computed_on_the_same_scores(
    simulator: str, ledger: Ledger, policy: str, other: str
) -> None:
    resources = await resources_at(simulator, ledger, policy=policy, limits={"max_rounds": 6})
    await run(resources, 12)
    await resources.close()
    kept = {
        (row.document, row.round): (row.policy, row.failure)
        for row in await ledger.read(lambda c: c.execute(select(t.shadows)).all())
    }
    views = await ledger.read(lambda c: list(rounds_of(c, ledger.run)))
    beside = POLICIES[other]
    again = {
        (view.document, view.round): (
            other,
            decide(beside, view.scores("weak"), view.scores("strong")).failure,
        )
        for view in views
        if view.scores("strong") and view.failure in (None, Failure.FAILED_ON_STRONG)
    }
    assert kept == again, "it can be recomputed from the booleans, and a round without both solvers has none"
    ended = {(view.document, view.round): view.failure for view in views}
    agreed = sum((failure is None) == (ended[place] is None) for place, (_, failure) in kept.items())
    accepted = sum(failure is None for _, failure in kept.values())
    summary = await ledger.read(lambda c: summarize(c, ledger.run, {}))
    assert summary["shadows"] == {other: {"decided": len(kept), "accepted": accepted, "agreed": agreed}}
    assert agreed > 0 and len(kept) < len(views)


def test_a_round_that_failed_for_another_reason_than_its_scores_casts_no_shadow() -> None:
    asked = item(criteria=("A.", "B."), weights=(1, 1))
    line: Any = {"item": asked.hash[:12], "status": "answered"}
    weak: Any
    strong: Any
    weak, strong = (
        [{**line, "solver": solver, "index": at, "met": met} for at in (1, 2, 3)]
        for solver, met in (("weak", "10"), ("strong", "11"))
    )
    evidence: Any = Evidence(asked, None, None, weak, strong, None)
    assert shadow(evidence, None, POLICIES["deployed"]) is not None
    assert shadow(evidence, Failed(Failure.FAILED_ON_STRONG, ""), POLICIES["deployed"]) is not None
    assert shadow(evidence, Failed(Failure.FAILED_QV, ""), POLICIES["deployed"]) is None
    assert shadow(evidence._replace(strong=strong[:2]), None, POLICIES["deployed"]) is None


async def test_a_policy_alone_casts_no_shadow(simulator: str, tmp_path: Path) -> None:
    settings = configure(None, {"domain": "numeric", "models": models_at(simulator)}).settings
    papers = write_papers(tmp_path / "papers", 1)
    finished = await run_directory(Plan(tmp_path / "o", settings, find_sources([papers])))
    assert finished.summary["shadows"] == {}


@pytest.mark.parametrize(("style", "negative"), [("mixed", True), ("positive_only", False)])
async def test_the_style_of_the_rubric_changes_both_prompts_and_what_is_accepted(
    simulator: str, ledger: Ledger, style: str, negative: bool
) -> None:
    resources = await resources_at(simulator, ledger, rubric_style=style, limits={"max_rounds": 2})
    await run(resources, 2)
    await resources.close()
    views = await ledger.read(lambda c: list(rounds_of(c, ledger.run)))
    items = [view.item for view in views if view.item]
    assert items
    for found in items:
        weights = [entry.weight for entry in found.rubric]
        assert (min(weights) < 0) is negative and max(weights) <= (8 if negative else 7)
    rules = {"challenger": "Positive weights only", "quality_verifier": "has positive criteria only"}
    for role, rule in rules.items():
        prompt = resources.domain.prompt(role)
        shown = prompt.with_rules(resources.settings.rubric_style, {})["rubric_rules"]
        assert (rule in shown) is not negative


class Written:
    """A verifier that composes what the test hands it, however often it is asked."""

    vouches = False

    def __init__(self, composed: Item) -> None:
        self.composed = composed

    def brief(self, document: Document, past: Any, seed: int) -> Any:
        from nodes.challenge import RUBRIC

        return RUBRIC

    async def compose(self, document: Document, past: Any, reply: Any) -> Item:
        return self.composed


async def test_an_item_that_a_check_refuses_is_asked_for_once_more_and_then_fails_named(
    simulator: str, ledger: Ledger
) -> None:
    resources = await resources_at(simulator, ledger)
    refused = item(context="In Table 3 it stands.")
    verifier: Any = Written(refused)
    resources.verifier = verifier
    document = Document.of("T", "Text of the document. " * 30)
    resources.ledger.document(document)
    state: Any = {
        "document": {"id": document.id, "title": "T"}, "round": 1, "feedback": "", "rounds": [], "tried": [],
    }  # fmt: skip
    runtime: Any = type("Runtime", (), {"context": Context.of(resources)})()
    update = await challenge(state, runtime)
    assert update["problem"] == {
        "failure": "failed_qv",
        "reason": 'the context refers to what the solver has not seen: "Table 3"',
    }
    assert update["item"] == refused.model_dump(mode="json"), "what was refused can be looked at"
    calls = await ledger.read(lambda c: c.execute(select(t.calls.c.role)).scalars().all())
    assert calls == ["challenger", "challenger"], "one repair, and nobody else is asked"
    checks = await ledger.read(lambda c: c.execute(select(t.checks.c.stage, t.checks.c.passed)).all())
    assert [tuple(row) for row in checks] == [("code", False)]
    json.dumps(update)

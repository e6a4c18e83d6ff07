"""What every source of traces promises, for the local files and for LangSmith, filled by the same run."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from langsmith import Client

from autodata.documents.sources import find_sources
from autodata.errors import UsageError
from autodata.ledger.ledger import Ledger
from autodata.settings import configure
from autodata.tracing.runs import Trace, TracedRun
from autodata.tracing.sink import KEY, TRACES, traced
from autodata.tracing.source import LangSmithTraces, LocalTraces, TraceSource
from graphs.driver import Campaign
from nodes.resources import open_resources
from tests.conftest import models_at, write_papers
from tests.langsmith_server import LangSmithServer, langsmith_server

LANGSMITH_KEY = "lsv2_pt_not_a_real_one"
DOCUMENTS = 5


@pytest.fixture(scope="module")
def both(simulator: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, LangSmithServer]]:
    """A traced run of a few documents: the folder of its files, and the server that it was passed on to."""
    folder = tmp_path_factory.mktemp("traced")
    with langsmith_server() as server, pytest.MonkeyPatch.context() as patched:
        patched.setenv(KEY, LANGSMITH_KEY)
        patched.setenv("LANGSMITH_ENDPOINT", server.url)
        patched.setenv("LANGSMITH_PROJECT", "papers")
        asyncio.run(_run(simulator, folder))
        yield folder / TRACES, server


async def _run(url: str, folder: Path) -> None:
    given = {"domain": "cs_research", "models": models_at(url), "limits": {"max_rounds": 3}}
    ledger = Ledger.open(f"sqlite:///{folder / 'ledger.db'}")
    resources = await open_resources(configure(None, given).settings, ledger)
    sources = find_sources([write_papers(folder / "papers", DOCUMENTS)])
    with traced(folder / TRACES):
        assert await Campaign(resources, sources).run() is None
    await resources.close()
    ledger.close()


def remote_at(server: LangSmithServer, project: str = "papers") -> LangSmithTraces:
    return LangSmithTraces(Client(api_url=server.url, api_key=LANGSMITH_KEY, auto_batch_tracing=False), project)


class TraceSourceContract:
    """What every `TraceSource` promises: subclass, supply `source`, run pytest."""

    async def test_a_root_a_document_in_the_order_in_which_they_began(self, source: TraceSource) -> None:
        roots = await source.roots()
        assert len(roots) == DOCUMENTS
        assert len({root.metadata["document"] for root in roots}) == DOCUMENTS
        assert [root.started for root in roots] == sorted(root.started for root in roots)
        assert all(root.name == "self_instruct" and root.parent is None and root.ended for root in roots)

    async def test_roots_are_found_by_any_metadata_together(self, source: TraceSource) -> None:
        first, *_ = roots = await source.roots()
        shared = {"domain": "cs_research", "prompt_set": first.metadata["prompt_set"]}
        assert await source.roots(shared) == roots
        assert await source.roots({**shared, "document": first.metadata["document"]}) == [first]
        assert await source.roots({**shared, "domain": "numeric"}) == []
        assert await source.roots({"document": 'a "quoted" one'}) == []

    async def test_a_root_has_its_scores_and_its_label(self, source: TraceSource) -> None:
        for root in await source.roots():
            accepted = root.outputs["verdict"] == "accepted"
            assert root.feedback["accepted"] == accepted
            assert root.feedback["rounds"] == len(root.outputs["rounds"])
            last = root.outputs["rounds"][-1]
            assert root.feedback.get("weak_mean") == pytest.approx(last["weak_mean"], abs=1e-4)
            assert root.feedback.get("failure") == last["failure"]
            assert root.outputs["verdict"] in root.tags
            assert last["failure"] is None or last["failure"] in root.tags

    async def test_a_trace_reads_like_the_method(self, source: TraceSource) -> None:
        for root in await source.roots():
            trace = await source.trace(root.id)
            assert trace.root == root
            rounds = trace.under(root)
            names = [f"round {number + 1}" for number in range(len(root.outputs["rounds"]))]
            assert [run.name for run in rounds if run.name.startswith("round ")] == names
            for entry, one in zip(root.outputs["rounds"], rounds, strict=False):
                assert one.tags == (entry["failure"] or "accepted",)
                assert_round(trace, one)

    async def test_what_was_asked_and_said_is_there_in_full(self, source: TraceSource) -> None:
        trace = await source.trace((await source.roots())[0].id)
        document = trace.root.inputs["document"]
        for call in trace.calls:
            assert call.asked[0].speaker == "system" and call.asked[-1].speaker == "human"
            assert call.answered and call.tokens[0] > 0 and call.tokens[1] > 0 and not call.replayed
            assert (document["text"] in call.asked[-1].text) == (call.name in ("challenger", "quality_verifier"))
        [first, *_] = [call for call in trace.calls if call.name == "challenger"]
        json.loads(first.answered)

    async def test_an_unknown_trace_is_a_clear_mistake(self, source: TraceSource) -> None:
        with pytest.raises(UsageError, match="no finished trace"):
            await source.trace("01a1fe7d-0000-7000-8000-000000000000")


def assert_round(trace: Trace, round: TracedRun) -> None:
    """Roles under the round, model calls under the roles, and each says where it belongs."""
    roles = trace.under(round)
    assert {run.name for run in roles} <= {
        "orchestrator", "challenger", "quality_verifier", "weak", "strong", "audit", "accept",
    }  # fmt: skip
    assert all(run.kind == "chain" and run.metadata["round"] == round.metadata["round"] for run in roles)
    for role in roles:
        if role.name in ("weak", "strong"):
            tries = trace.under(role)
            assert sorted(run.name for run in tries) == ["attempt 1", "attempt 2", "attempt 3"]
            for one in tries:
                assert [run.name for run in trace.under(one)] == [role.name, "judge"]
                assert (one.metadata["item"] == round.outputs and False) or len(one.metadata["item"]) == 12
    for call in (run for role in roles for run in trace.walk(role) if run.kind == "llm"):
        assert call.metadata["role"] == call.name
        assert call.metadata["round"] == round.metadata["round"]
        assert {"document", "domain", "policy", "prompt_set", "attempt"} <= set(call.metadata)


class TestLocalTraces(TraceSourceContract):
    @pytest.fixture
    def source(self, both: tuple[Path, LangSmithServer]) -> TraceSource:
        return LocalTraces(both[0])


class TestLangSmithTraces(TraceSourceContract):
    @pytest.fixture
    def source(self, both: tuple[Path, LangSmithServer]) -> TraceSource:
        return remote_at(both[1])

    async def test_an_unknown_project_is_a_clear_mistake(self, both: tuple[Path, LangSmithServer]) -> None:
        with pytest.raises(UsageError, match="no project"):
            await remote_at(both[1], "other").roots()


async def test_the_two_cannot_be_told_apart(both: tuple[Path, LangSmithServer]) -> None:
    local, remote = (
        LocalTraces(both[0]),
        LangSmithTraces(Client(api_url=both[1].url, api_key=LANGSMITH_KEY), "papers"),
    )
    roots = await local.roots()
    assert await remote.roots() == roots
    for root in roots:
        assert list((await remote.trace(root.id)).walk()) == list((await local.trace(root.id)).walk())


def test_no_deprecated_call_is_made_and_the_key_is_a_header_only(both: tuple[Path, LangSmithServer]) -> None:
    server = both[1]
    assert "/runs/query" not in server.paths
    assert server.keys == {LANGSMITH_KEY}
    assert not any(LANGSMITH_KEY in body for body in server.bodies)


class ForgetfulSource(LocalTraces):
    """Broken on purpose: the last root is missing."""

    async def roots(self, where: object = None) -> list[TracedRun]:
        return (await super().roots())[:-1]


async def test_the_contract_refuses_a_source_that_forgets(both: tuple[Path, LangSmithServer]) -> None:
    with pytest.raises(AssertionError):
        await TraceSourceContract().test_a_root_a_document_in_the_order_in_which_they_began(
            ForgetfulSource(both[0])
        )

"""The outer loop on simulated models, with a scripted analyzer and implementer: the entry rule, and resuming."""

import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage, BaseMessage
from langgraph.checkpoint.memory import InMemorySaver

from autodata.errors import UsageError
from autodata.ledger.ledger import Ledger
from autodata.optimizer.population import Population
from autodata.schemas import Document
from autodata.settings import configure
from graphs.optimize import Search, builder, graph
from nodes.optimize.workshop import Workshop
from nodes.resources import open_resources
from tests.conftest import models_at

RULE = "- Ask one thing."
Script = Callable[[str], dict[str, Any]]


def documents(name: str, count: int) -> list[Document]:
    text = "Queues trade latency against throughput. " * 20
    return [Document.of(f"{name} {number}", f"{name} {number}. {text}") for number in range(count)]


class ScriptedChat:
    """Stands for one of the optimizer's models, and counts what it is asked."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.asked: list[str] = []

    async def ainvoke(self, messages: list[BaseMessage], *_: Any, **__: Any) -> AIMessage:
        self.asked.append(messages[-1].text)
        return AIMessage(json.dumps(self.script(messages[-1].text)))


def analysis(text: str) -> dict[str, Any]:
    """Quotes what it read: the first answer of a weak solver."""
    found = re.search(r"### Document (\w+), round (\d+):.*?\nWeak solver, attempt 1: ([^\n]{40})", text, re.DOTALL)
    evidence = [{"document_id": found[1], "round": int(found[2]), "quote": found[3]}] if found else []
    pattern = {"name": "general answers", "share": 0.5, "evidence": evidence, "cause": "no insight needed"}
    invented = {**pattern, "evidence": [{"document_id": "x", "round": 1, "quote": "never said by anybody"}]}
    more = {"proposed_change": "ask for the paper's own insight", "target_file": "challenger.md"}
    return {"patterns": [{**pattern, **more}, {**invented, **more, "name": "invented"}], "do_not_repeat": []}


def edit(text: str) -> dict[str, Any]:
    """Adds a rule that is not in the file yet."""
    rule = f"- Rule number {text.count('- Rule number') + 1}: ask for a consequence."
    edits = [{"file": "challenger.md", "search": RULE, "replace": f"{RULE}\n{rule}"}]
    return {"summary": rule, "rationale": "", "edits": edits, "diff": ""}


@asynccontextmanager
async def workshop_at(url: str, folder: Path, implementer: Script = edit) -> AsyncIterator[Workshop]:
    folder.mkdir(exist_ok=True)
    ledger = Ledger.open(f"sqlite:///{folder / 'ledger.db'}")
    given = {"domain": "cs_research", "models": models_at(url), "limits": {"max_rounds": 2}}
    resources = await open_resources(configure(None, given).settings, ledger)
    workshop = Workshop.open(resources, folder, documents("train", 4), documents("validation", 4))
    for role, script in (("analyzer", analysis), ("implementer", implementer)):
        resources.gateway.lines[role].wire.chat = ScriptedChat(script)  # type: ignore[assignment]
    try:
        yield workshop
    finally:
        workshop.close()
        await resources.gateway.drained()
        await ledger.settled()
        await resources.close()
        ledger.close()


def asked(workshop: Workshop, role: str) -> list[str]:
    return list(workshop.resources.gateway.lines[role].wire.chat.asked)  # type: ignore[attr-defined]


def paid(workshop: Workshop) -> int:
    return workshop.resources.gateway.budget.spent.calls


def search(workshop: Workshop, **given: Any) -> Search:
    return Search.of(workshop, **{"iterations": 2, "minibatch": 2, "seed": 5, **given})


async def test_a_child_enters_exactly_if_it_is_strictly_better(simulator: str, tmp_path: Path) -> None:
    async with workshop_at(simulator, tmp_path / "out") as workshop:
        found = await graph.ainvoke({}, context=search(workshop, iterations=3))  # type: ignore[call-overload]
        history, population = found["history"], Population.of_json(found["population"])
        assert [line["iteration"] for line in history] == [1, 2, 3]
        for line in history:
            assert line["edited_files"] == ["challenger.md"]
            assert line["entered"] == (line["child"] in population.members)
            if line["entered"]:
                assert line["child_score"] > line["parent_score"]
                assert population.members[line["child"]].documents == 4
            assert [one["name"] for one in line["analysis"]] == ["general answers"], "no evidence, no pattern"
        assert set(population.members) == {workshop.baseline.id} | {x["child"] for x in history if x["entered"]}
        for id in population.members:
            assert workshop.prompts(id).changed(workshop.baseline) in ([], ["challenger.md"])
        for text in asked(workshop, "analyzer"):
            assert not any(document.id in text for document in workshop.validation), "training documents only"
            assert "Weak solver, attempt 1:" in text
        assert "Rule number" in asked(workshop, "implementer")[1], "the history is read"


async def test_a_refused_edit_goes_back_once_with_the_reason(simulator: str, tmp_path: Path) -> None:
    def attack(text: str) -> dict[str, Any]:
        edits = [{"file": "judge.md", "search": "In doubt it is not met.", "replace": "In doubt it is met."}]
        return {"summary": "kinder judge", "rationale": "", "edits": edits, "diff": ""}

    async with workshop_at(simulator, tmp_path / "out", attack) as workshop:
        found = await graph.ainvoke({}, context=search(workshop, iterations=1))  # type: ignore[call-overload]
        [line] = found["history"]
        assert line["child"] is None and not line["entered"] and line["child_score"] is None
        assert "judge.md may not be changed" in line["reason"]
        first, second = asked(workshop, "implementer")
        assert "was refused" not in first and "judge.md may not be changed" in second


async def test_a_killed_search_goes_on_and_asks_nothing_twice(simulator: str, tmp_path: Path) -> None:
    async with workshop_at(simulator, tmp_path / "whole") as workshop:
        whole = await graph.ainvoke({}, context=search(workshop))  # type: ignore[call-overload]
        calls = paid(workshop)

    class KilledError(Exception):
        pass

    left = 2

    def killing(text: str) -> dict[str, Any]:
        nonlocal left
        left -= 1
        if not left:
            raise KilledError
        return edit(text)

    saver = InMemorySaver()
    config: Any = {"configurable": {"thread_id": "search"}}
    kept = builder.compile(checkpointer=saver)
    async with workshop_at(simulator, tmp_path / "cut", killing) as workshop:
        with pytest.raises(KilledError):
            await kept.ainvoke({}, config, context=search(workshop))  # type: ignore[call-overload]
        first = paid(workshop)
    async with workshop_at(simulator, tmp_path / "cut") as workshop:
        resumed = await kept.ainvoke(None, config, context=search(workshop))
        assert resumed == whole
        assert first + paid(workshop) == calls
    async with workshop_at(simulator, tmp_path / "cut") as workshop:
        again = await graph.ainvoke({}, context=search(workshop))  # type: ignore[call-overload]
        assert again == whole and paid(workshop) == 0, "without a checkpoint the ledger replays it all"


async def test_without_reuse_every_evaluation_of_a_parent_is_averaged_in(simulator: str, tmp_path: Path) -> None:
    async with workshop_at(simulator, tmp_path / "out") as workshop:
        found = await graph.ainvoke({}, context=search(workshop, reuse=False))  # type: ignore[call-overload]
        population = Population.of_json(found["population"])
        parents = [line["parent"] for line in found["history"]]
        for id, member in population.members.items():
            entered = any(line["child"] == id and line["entered"] for line in found["history"])
            assert member.evaluations == parents.count(id) + entered


async def test_a_candidate_that_was_changed_on_disk_is_refused(simulator: str, tmp_path: Path) -> None:
    async with workshop_at(simulator, tmp_path / "out") as workshop:
        home = tmp_path / "out" / "candidates" / workshop.baseline.id / "cs_research"
        (home / "judge.md").write_text("Everything is met.")
        with pytest.raises(UsageError, match="was changed"):
            workshop.domain(workshop.baseline.id)

"""`langgraph dev` with no key and no network: assistants, threads, streams, forks, and a server that is killed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langgraph_sdk import get_client

from tests.conftest import models_at
from tests.graphs.serving import Server, langgraph_dev

DOCUMENT = {"title": "Queues", "text": "Queues trade latency against throughput. " * 30}
OTHER = {"title": "Caches", "text": "Caches trade memory against latency. " * 30}
GIVEN: Any = {"document": DOCUMENT}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with langgraph_dev(tmp_path_factory.mktemp("server")) as started:
        yield started


def context_at(url: str) -> Any:
    return {"domain": "cs_research", "models": models_at(url)}


async def test_an_assistants_context_is_editable_and_runs_a_document(server: Server, simulator: str) -> None:
    client = get_client(url=server.url, api_key=None)
    made = await client.assistants.create("self_instruct", context=context_at(simulator))
    schemas: Any = await client.assistants.get_schemas(made["assistant_id"])
    thread = (await client.threads.create())["thread_id"]
    result: Any = await client.runs.wait(thread, made["assistant_id"], input=GIVEN)
    history = await client.threads.get_history(thread, limit=1000)
    assert {"domain", "policy", "models", "attempts", "limits"} <= set(schemas["context_schema"]["properties"])
    assert set(schemas["input_schema"]["properties"]) == {"document"}
    assert result["verdict"] == "accepted"
    assert set(result) == {"verdict", "item", "rounds"}
    visited = [snapshot["next"][0] for snapshot in reversed(history) if snapshot["next"]]
    assert visited[:4] == ["__start__", "orchestrate", "challenge", "verify_quality"]
    assert visited[-1] == "accept"
    assert len([node for node in visited if node == "challenge"]) == len(result["rounds"])
    # Another policy and other limits: the same thread begins anew with the other document.
    edited: Any = {**context_at(simulator), "policy": "prose", "limits": {"max_rounds": 1}}
    await client.assistants.update(made["assistant_id"], context=edited)
    again: Any = await client.runs.wait(thread, made["assistant_id"], input={"document": OTHER})
    state: Any = await client.threads.get_state(thread)
    assert len(again["rounds"]) == 1
    assert state["values"]["policy"] != history[0]["values"]["policy"]  # type: ignore[call-overload]
    assert state["values"]["document"]["title"] == "Caches"


async def test_a_run_is_streamed_interrupted_gone_on_with_and_forked(server: Server, simulator: str) -> None:
    client = get_client(url=server.url, api_key=None)
    context = context_at(simulator)
    thread = (await client.threads.create())["thread_id"]
    before = {"interrupt_before": ["attempt_weak"]}
    stream = client.runs.stream(
        thread,
        "self_instruct",
        input=GIVEN,
        context=context,
        stream_mode="updates",
        **before,  # type: ignore[call-overload]
    )
    seen = [node async for part in stream if part.event == "updates" for node in part.data]
    assert seen[:3] == ["orchestrate", "challenge", "verify_quality"] and "attempt_weak" not in seen
    paused: Any = await client.threads.get_state(thread)
    assert paused["next"] == ["attempt_weak"] and not paused["values"]["weak"]
    whole: Any = await client.runs.wait(thread, "self_instruct", input=None, context=context)
    assert whole["verdict"] == "accepted"
    # From before the solvers again: what was paid is replayed, so the fork comes to the same end.
    fork: Any = await client.runs.wait(
        thread, "self_instruct", input=None, context=context, checkpoint=paused["checkpoint"]
    )
    assert fork == whole
    history = await client.threads.get_history(thread, limit=1000)
    parents = [entry["parent_checkpoint"] for entry in history if entry["parent_checkpoint"]]
    assert [parent["checkpoint_id"] for parent in parents].count(paused["checkpoint"]["checkpoint_id"]) == 2


async def test_a_killed_server_goes_on_where_it_was(simulator: str, tmp_path: Path) -> None:
    context = context_at(simulator)
    with langgraph_dev(tmp_path) as first:
        client = get_client(url=first.url, api_key=None)
        thread = (await client.threads.create())["thread_id"]
        await client.runs.wait(
            thread, "self_instruct", input=GIVEN, context=context, interrupt_before=["attempt_strong"]
        )
        before: Any = await client.threads.get_state(thread)
        first.process.kill()  # -9
    with langgraph_dev(tmp_path) as second:
        client = get_client(url=second.url, api_key=None)
        await client.threads.create(thread_id=thread, if_exists="do_nothing", graph_id="self_instruct")
        after: Any = await client.threads.get_state(thread)
        result: Any = await client.runs.wait(thread, "self_instruct", input=None, context=context)
    assert before["next"] == after["next"] == ["attempt_strong"]
    assert after["values"] == before["values"]
    assert result["verdict"] == "accepted"
    assert result["rounds"][before["values"]["round"] - 1]["question"] == before["values"]["item"]["question"]

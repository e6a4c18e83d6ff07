"""Runs the loop with a candidate's prompts over some documents: what the optimizer measures and reads."""

import asyncio
import contextvars
from collections.abc import Callable, Sequence
from dataclasses import replace

from autodata.optimizer.racing import Result
from autodata.optimizer.smuggling import item_problems
from autodata.schemas import Document, Item
from graphs.catalog import graph_of
from graphs.state import DocumentInput, LoopInput
from nodes.context import Context
from nodes.optimize.workshop import Workshop
from nodes.resources import Resources


async def evaluate(
    workshop: Workshop,
    candidate: str,
    documents: Sequence[Document],
    seed: int,
    over: Callable[[Sequence[Result]], bool] = lambda _: False,
) -> list[Result]:
    """Whether each document gives an accepted, honest item with the candidate's prompts.

    Each evaluation is a run of its own in the ledger, by candidate and seed; what was asked before is replayed.

    Args:
        workshop: the candidates, and the way to the models.
        candidate: its id.
        documents: in the order of the results.
        seed: of every draw in these runs.
        over: told of the results so far; if it says so, no more documents are begun, and those stay None.
    """
    resources = await _resources(workshop, candidate, seed)
    results: list[Result] = [None] * len(documents)
    places = asyncio.Semaphore(resources.settings.limits.concurrency)

    async def one(at: int) -> None:
        async with places:
            if not over(results):
                results[at] = await _passes(workshop, resources, documents[at])

    # In a context of their own: each document is the root of a trace, not a part of the optimizer's.
    fresh = contextvars.Context()
    tasks = [asyncio.create_task(one(at), context=fresh.copy()) for at in range(len(documents))]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
    return results


async def _resources(workshop: Workshop, candidate: str, seed: int) -> Resources:
    """The loop's resources with a candidate's prompts, and a run of its own to record in."""
    shared = workshop.resources
    return replace(
        shared,
        settings=shared.settings.model_copy(update={"seed": seed}),
        domain=workshop.domain(candidate),
        ledger=await shared.ledger.beside(f"{candidate}/{seed}"),
        accepted=None,  # each document stands for itself: the order in which they end must not matter
        documents={},
    )


async def _passes(workshop: Workshop, resources: Resources, document: Document) -> bool:
    """Run one document; an item that was won by speaking to the solvers does not count."""
    given = LoopInput(document=DocumentInput(id=document.id, title=document.title, text=document.text))
    metadata = {
        "domain": resources.domain.name,
        "policy": resources.policy.name,
        "prompt_set": resources.domain.hash,
        "document": document.id,
    }
    with workshop.tracer.tracing():
        graph = graph_of(resources.domain)
        result = await graph.ainvoke(given, {"metadata": metadata}, context=Context.of(resources))
    return result["verdict"] == "accepted" and not item_problems(Item.model_validate(result["item"]))

"""How large a document's checkpoints are, as a LangGraph server keeps them."""

import asyncio
import sqlite3
from pathlib import Path

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from autodata.ledger.address import sqlite_url
from autodata.ledger.ledger import Ledger
from autodata.settings import configure
from evals.bench.setting import configuration, simulator, write_documents
from graphs.self_instruct import builder
from nodes.context import Context
from nodes.resources import open_resources

DOCUMENTS = 20


def checkpoint_bytes(folder: Path, most: int) -> float:
    """The largest document's last checkpoint with its writes, in bytes, over some documents."""
    papers = write_documents(folder / "checkpoint.documents", min(DOCUMENTS, most))
    with simulator(0) as url:
        asyncio.run(_checkpointed(papers, folder, url))
    with sqlite3.connect(folder / "checkpoints.db") as kept:
        size = "SELECT thread_id, {size} FROM {table} GROUP BY thread_id"
        totals: dict[str, int] = {}
        for table, columns in (
            ("checkpoints", "sum(length(checkpoint) + length(metadata))"),
            ("writes", "sum(length(value))"),
        ):
            for thread, count in kept.execute(size.format(size=columns, table=table)):
                totals[thread] = totals.get(thread, 0) + count
    return float(max(totals.values()))


async def _checkpointed(papers: Path, folder: Path, url: str) -> None:
    """Run each document in a thread of its own, keeping a checkpoint as it ends."""
    ledger = Ledger.open(sqlite_url(folder / "checkpoint.ledger.db"))
    resources = await open_resources(configure(None, configuration(url, 8)).settings, ledger)
    async with AsyncSqliteSaver.from_conn_string(str(folder / "checkpoints.db")) as saver:
        graph = builder.compile(checkpointer=saver).with_config(recursion_limit=1_000)
        for path in sorted(papers.iterdir()):
            thread: RunnableConfig = {"configurable": {"thread_id": path.stem}}
            given = {"document": {"title": path.stem, "text": path.read_text("utf-8")}}
            await graph.ainvoke(given, thread, context=Context.of(resources), durability="exit")
    await resources.close()
    ledger.close()

"""The checkpointer of a LangGraph server: a SQLite file, so that threads survive the end of the server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from autodata.models.local_files import home


@asynccontextmanager
async def make() -> AsyncIterator[AsyncSqliteSaver]:
    """Open the checkpoints in autodata's home, `AUTODATA_HOME`."""
    folder = home()
    folder.mkdir(parents=True, exist_ok=True)
    async with AsyncSqliteSaver.from_conn_string(str(folder / "checkpoints.db")) as saver:
        yield saver

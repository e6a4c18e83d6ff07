"""The ledger's tables, in SQLAlchemy Core, the same for SQLite and PostgreSQL."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    TypeDecorator,
)
from sqlalchemy import Text as SqlText

SCHEMA_VERSION = 2
"""Raised by every change of these tables, with a step in `migrations.py`; others are refused by name."""

metadata = MetaData()


class Text(TypeDecorator[str]):
    """Text that any database takes: what only Python's strings can hold is written as an escape."""

    impl = SqlText
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        """PostgreSQL refuses NUL, and no database takes half of a surrogate pair."""
        if value is None or (value.isascii() and "\0" not in value):
            return value
        return value.replace("\0", "\\x00").encode("utf-8", "backslashreplace").decode()


meta = Table("meta", metadata, Column("key", String, primary_key=True), Column("value", String, nullable=False))

texts = Table(
    "texts",
    metadata,
    Column("hash", LargeBinary(16), primary_key=True),
    Column("body", LargeBinary, nullable=False),  # zlib; a text is stored once, whoever wrote or read it
)

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False, unique=True),
    Column("manifest", Text, nullable=False),
    Column("started", Float, nullable=False),
    Column("seconds", Float, nullable=False, default=0.0),
)

facts = Table(
    "facts",
    metadata,
    Column("run", Integer, primary_key=True),
    Column("name", String, primary_key=True),
    Column("value", Text, nullable=False),  # JSON
)

sources = Table(
    "sources",
    metadata,
    Column("run", Integer, primary_key=True),
    Column("position", Integer, primary_key=True),  # in the order in which the files were named
    Column("file", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("documents", Integer, nullable=False),  # how many documents it holds: the lines of a JSONL file
)

documents = Table(
    "documents",
    metadata,
    Column("run", Integer, primary_key=True),
    Column("id", String, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("file", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("text", LargeBinary(16), nullable=False),
    Column("signature", LargeBinary),  # by which near duplicates are found
)

skipped = Table(
    "skipped",
    metadata,
    Column("run", Integer, primary_key=True),
    Column("file", Text, primary_key=True),
    Column("reason", Text, nullable=False),
)

calls = Table(
    "calls",
    metadata,
    Column("key", LargeBinary(16), primary_key=True),  # hash of all that was asked
    Column("run", Integer, nullable=False),  # the run that paid for it
    Column("document", String, nullable=False),
    Column("role", String, nullable=False),
    Column("model", String, nullable=False),
    Column("request", LargeBinary(16), nullable=False),
    Column("reply", LargeBinary(16), nullable=False),
    Column("thinking", LargeBinary(16)),
    Column("finish", String, nullable=False),
    Column("tokens_in", Integer, nullable=False),
    Column("tokens_cached", Integer, nullable=False),
    Column("tokens_out", Integer, nullable=False),
    Column("cost", Float, nullable=False),
    Column("retries", SmallInteger, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("at", Float, nullable=False),
    Column("tokens_thinking", Integer, nullable=False, server_default="0"),  # part of tokens_out
)
Index("calls_by_document", calls.c.document)
# A run's own file needs no index by run: all its calls are that run's.
Index("calls_by_run", calls.c.run).ddl_if(dialect="postgresql")

unreadable = Table(
    "unreadable",
    metadata,
    Column("call", LargeBinary(16), primary_key=True),
    Column("reason", Text, nullable=False),
)

items = Table(
    "items",
    metadata,
    Column("hash", LargeBinary(32), primary_key=True),
    Column("body", LargeBinary(16), nullable=False),
)

rounds = Table(
    "rounds",
    metadata,
    Column("run", Integer, primary_key=True),
    Column("document", String, primary_key=True),
    Column("round", SmallInteger, primary_key=True),
    Column("item", LargeBinary(32)),
    Column("failure", String),  # empty for the accepted round
    Column("reason", Text, nullable=False),
    Column("weak_mean", String),
    Column("strong_mean", String),
    Column("feedback", LargeBinary(16)),  # what the challenger was told at the start of this round
)

shadows = Table(
    "shadows",
    metadata,
    Column("run", Integer, primary_key=True),
    Column("document", String, primary_key=True),
    Column("round", SmallInteger, primary_key=True),
    Column("policy", String, primary_key=True),  # one that does not decide
    Column("failure", String),  # empty if it would have accepted the round's item
)

excerpts = Table(
    "excerpts",
    metadata,
    Column("run", Integer, primary_key=True),
    Column("document", String, primary_key=True),
    Column("round", SmallInteger, primary_key=True),
    Column("sections", Text, nullable=False),  # what was shown of a long document in the round, a line a section
)

novelty = Table(
    "novelty",
    metadata,
    Column("run", Integer, primary_key=True),
    Column("document", String, primary_key=True),
    Column("round", SmallInteger, primary_key=True),
    Column("stage", String, primary_key=True),
    Column("reason", Text, nullable=False),  # which accepted question the round's question repeats; or empty
)

candidates = Table(
    "candidates",
    metadata,
    Column("run", Integer, primary_key=True),
    Column("document", String, primary_key=True),
    Column("round", SmallInteger, primary_key=True),
    Column("number", SmallInteger, primary_key=True),
    Column("item", LargeBinary(32)),
    Column("standing", String, nullable=False),  # `chosen`, `not_chosen` or `refused`
    Column("reason", Text, nullable=False),
)

attempts = Table(
    "attempts",
    metadata,
    Column("run", Integer, primary_key=True),
    Column("item", LargeBinary(32), primary_key=True),
    Column("set", String, primary_key=True),  # `loop`; later evidence adds sets and never changes this one
    Column("solver", String, primary_key=True),
    Column("index", SmallInteger, primary_key=True),
    Column("status", String, nullable=False),
    Column("call", LargeBinary(16), nullable=False),
    Column("seed", Integer, nullable=False),
)

judgments = Table(
    "judgments",
    metadata,
    Column("run", Integer, primary_key=True),
    Column("item", LargeBinary(32), primary_key=True),
    Column("set", String, primary_key=True),
    Column("solver", String, primary_key=True),
    Column("index", SmallInteger, primary_key=True),
    Column("judge", String, primary_key=True),
    Column("met", String, nullable=False),  # a 1 or 0 a criterion, in rubric order
    Column("evidence", LargeBinary(16), nullable=False),
)

checks = Table(
    "checks",
    metadata,
    Column("run", Integer, primary_key=True),
    Column("item", LargeBinary(32), primary_key=True),
    Column("stage", String, primary_key=True),  # `code`; `quality` before the solvers, `audit` after them
    Column("passed", Boolean, nullable=False),
    Column("issues", Text, nullable=False),
)

advice = Table(
    "advice",
    metadata,
    Column("run", Integer, primary_key=True),
    Column("item", LargeBinary(32), primary_key=True),
    Column("verdict", String, nullable=False),  # a loop judge's: `accept` or `improve`
    Column("suitability", String, nullable=False),
    Column("body", LargeBinary(16), nullable=False),  # its whole answer
)

outcomes = Table(
    "outcomes",
    metadata,
    Column("run", Integer, primary_key=True),
    Column("document", String, primary_key=True),
    Column("verdict", String, nullable=False),
    Column("rounds", SmallInteger, nullable=False),
    Column("item", LargeBinary(32)),
    Column("policy", String, nullable=False),
)

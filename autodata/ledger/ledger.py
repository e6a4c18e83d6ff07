"""The record of everything that was asked, answered, judged and decided, in SQLite or PostgreSQL."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import TypeVar

from sqlalchemy import Connection, Engine, select

from autodata.errors import LedgerError
from autodata.ledger import tables as t
from autodata.ledger.opening import calls_of, connect, document_of, prepare
from autodata.ledger.records import (
    CallRecord,
    OutcomeRecord,
    Recorded,
    RoundRecord,
    pack,
    pack_messages,
    text_hash,
)
from autodata.ledger.writer import Writer
from autodata.schemas import Attempt, Document, Item, Judgment

T = TypeVar("T")

_KNOWN_TEXTS = 20_000
"""How many text hashes are remembered, so that a text stored before is not compressed again."""


class Ledger:
    """One run's view of a ledger; a PostgreSQL ledger can hold many runs, and they share their calls."""

    def __init__(self, engine: Engine, run: int) -> None:
        self.engine = engine
        self.run = run
        self._writer = Writer(engine)
        self._known: OrderedDict[bytes, None] = OrderedDict()
        self._recalled: dict[str, dict[bytes, Recorded]] = {}

    @classmethod
    def open(cls, url: str, name: str = "run", manifest: str = "{}") -> "Ledger":
        """Open a ledger, creating its tables and the run of that name if they are not there.

        Raises:
            LedgerError: if the database cannot be opened, or is of another version.
        """
        engine = connect(url)
        return cls(engine, prepare(engine, name, manifest))

    def close(self) -> None:
        """Write what is left and let go of the database."""
        self._writer.close()
        self.engine.dispose()

    async def settled(self) -> None:
        """Wait until everything recorded so far is committed."""
        await self._writer.settled()

    async def read(self, query: Callable[[Connection], T]) -> T:
        """Run a query on the database thread; it sees everything recorded before."""
        return await self._writer.work(query)

    # Calls: what was paid for.

    async def recall(self, document: str, key: bytes) -> Recorded | None:
        """The recorded answer to a call, or None; a document's calls are loaded together, once."""
        if document not in self._recalled:
            self._recalled[document] = await self.read(lambda connection: calls_of(connection, document))
        return self._recalled[document].get(key)

    async def record(self, call: CallRecord) -> None:
        """Record an answered call; returns once it is committed."""
        outline, parts = pack_messages(call.messages)
        row = {
            "key": call.key,
            "run": self.run,
            "document": call.document,
            "role": call.role,
            "model": call.model,
            "request": self._text(outline),
            "reply": self._text(call.reply),
            "thinking": self._text(call.thinking) if call.thinking else None,
            "finish": call.finish,
            "tokens_in": call.usage.tokens_in,
            "tokens_cached": call.usage.tokens_cached,
            "tokens_out": call.usage.tokens_out,
            "tokens_thinking": call.usage.tokens_thinking,
            "cost": call.cost,
            "retries": call.retries,
            "seconds": round(call.seconds, 4),
            "at": call.at,
        }
        for part in parts:
            self._text(part)
        self._writer.put(t.calls, row)
        self._recalled.setdefault(call.document, {})[call.key] = Recorded(
            call.reply, call.thinking, call.finish, call.usage
        )
        await self.settled()

    def unreadable(self, key: bytes, reason: str) -> None:
        """Note that a recorded answer could not be read."""
        self._writer.put(t.unreadable, {"call": key, "reason": reason})

    def forget(self, document: str) -> None:
        """Let go of a document's recalled calls; its next call loads them again."""
        self._recalled.pop(document, None)

    # Notes: what a run found out about its endpoints and must not find out differently when it goes on.

    async def note(self, found: Mapping[str, str]) -> None:
        """Keep some values by name; one that is there already stays. Returns once they are committed."""
        for key, value in found.items():
            self._writer.put(t.meta, {"key": key, "value": value})
        await self.settled()

    async def notes(self, keys: Sequence[str]) -> dict[str, str]:
        """The values kept under some names, as far as there are any."""
        query = select(t.meta.c.key, t.meta.c.value).where(t.meta.c.key.in_(keys))
        return await self.read(lambda connection: {row.key: row.value for row in connection.execute(query)})

    # Evidence: what was tried, judged and decided. Not waited for; `settled` is.

    def document(self, document: Document, position: int = 0, file: str = "") -> None:
        """Record a document that the run reads; one recorded before stays as it is."""
        row = {"id": document.id, "position": position, "file": file, "title": document.title}
        self._writer.put(t.documents, {"run": self.run, **row, "text": self._text(document.text)})

    async def read_document(self, id: str) -> Document:
        """A recorded document in full; LedgerError if there is none of that id."""
        found = await self.read(lambda connection: document_of(connection, self.run, id))
        if found is None:
            raise LedgerError(f"document {id} is not in the ledger; give its text again")
        return found

    def skip(self, file: str, reason: str) -> None:
        """Record a file that is left out, and why."""
        self._writer.put(t.skipped, {"run": self.run, "file": file, "reason": reason})

    def item(self, item: Item) -> None:
        """Record an item in full."""
        body = self._text(item.model_dump_json())
        self._writer.put(t.items, {"hash": bytes.fromhex(item.hash), "body": body})

    def check(self, item: Item, stage: str, passed: bool, issues: Sequence[str]) -> None:
        """Record a quality verdict on an item, bound to its hash."""
        row = {
            "item": bytes.fromhex(item.hash),
            "stage": stage,
            "passed": passed,
            "issues": "\n".join(issues),
        }
        self._writer.put(t.checks, {"run": self.run, **row})

    def attempt(self, item: Item, attempt: Attempt, judgment: Judgment | None, set: str = "loop") -> None:
        """Record an attempt and, if it was judged, the judgment."""
        place = {
            "run": self.run,
            "item": bytes.fromhex(item.hash),
            "set": set,
            "solver": attempt.solver,
            "index": attempt.index,
        }
        call = bytes.fromhex(attempt.call)
        self._writer.put(t.attempts, {**place, "status": attempt.status, "call": call, "seed": attempt.seed})
        if judgment is not None:
            met = "".join("1" if hit else "0" for hit in judgment.met)
            evidence = self._text("\n".join(line.replace("\n", " ") for line in judgment.evidence))
            self._writer.put(t.judgments, {**place, "judge": judgment.judge, "met": met, "evidence": evidence})

    def round(self, closed: RoundRecord) -> None:
        """Record a closed round."""
        row = asdict(closed) | {"item": closed.item and bytes.fromhex(closed.item)}
        feedback = self._text(closed.feedback) if closed.feedback else None
        self._writer.put(t.rounds, {**row, "run": self.run, "feedback": feedback})

    async def outcome(self, decided: OutcomeRecord) -> None:
        """Record a document's verdict; returns once it and all before it are committed."""
        row = asdict(decided) | {"item": decided.item and bytes.fromhex(decided.item)}
        self._writer.put(t.outcomes, {**row, "run": self.run})
        self.forget(decided.document)
        await self.settled()

    def _text(self, text: str) -> bytes:
        """Store a text, unless it is known to be there, and give its key."""
        key = text_hash(text)
        if key not in self._known:
            self._writer.put(t.texts, {"hash": key, "body": pack(text)})
            self._known[key] = None
            if len(self._known) > _KNOWN_TEXTS:
                self._known.popitem(last=False)
        return key

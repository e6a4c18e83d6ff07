"""The record of everything that was asked, answered, judged and decided, in SQLite or PostgreSQL."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import asdict
from typing import TypeVar

from sqlalchemy import URL, Connection, make_url
from sqlalchemy.exc import SQLAlchemyError

from autodata.acceptance import Advice
from autodata.errors import LedgerError
from autodata.ledger import tables as t
from autodata.ledger.address import connect, shown
from autodata.ledger.lock import hold_run
from autodata.ledger.opening import calls_of, document_of, item_of, prepare, run_id
from autodata.ledger.records import (
    CallRecord,
    CandidateRecord,
    OutcomeRecord,
    Recorded,
    RoundRecord,
    pack_messages,
    text_hash,
)
from autodata.ledger.transfer import Rows, evidence_of, rows_for
from autodata.ledger.trouble import ledger_error
from autodata.ledger.writer import Writer
from autodata.schemas import Attempt, Document, Item, Judgment

T = TypeVar("T")

_KNOWN_TEXTS = 20_000
"""How many text hashes are remembered, so that a text stored before is not compressed again."""


class Ledger:
    """One run's view of a ledger; a PostgreSQL ledger can hold many runs, and they share their calls."""

    def __init__(self, connection: Connection, run: int) -> None:
        self.run = run
        self._connection = connection
        self._writer = Writer(connection)
        self._known: OrderedDict[bytes, None] = OrderedDict()
        self._recalled: dict[str, dict[bytes, Recorded]] = {}

    @classmethod
    def open(
        cls, url: str | URL, name: str = "run", manifest: str = "{}", sole: bool = False, known: bool = False
    ) -> "Ledger":
        """Open a ledger, creating its tables and the run of that name if they are not there.

        Args:
            url: of the database.
            name: the run's name in it; a database can hold many runs.
            manifest: what a new run is recorded with.
            sole: whether nobody else may write this run meanwhile; on PostgreSQL the writing connection itself
                holds the lock, so that neither outlives the other.
            known: whether the run must be there already.

        Raises:
            LedgerError: if the database cannot be opened, or is of another version.
            RunConflictError: if the run is held by another process, or is not there and should be.
        """
        url = make_url(url)
        where = f"the ledger {shown(url)}"
        engine = connect(url)
        try:
            connection = engine.connect()
            try:
                if sole:
                    hold_run(connection, name)
                return cls(connection, prepare(connection, where, name, manifest, known))
            except BaseException:
                connection.close()
                raise
        except SQLAlchemyError as problem:
            raise ledger_error(f"{where} cannot be opened", problem) from None

    async def beside(self, name: str) -> "Ledger":
        """The view of another run in the same ledger, begun if it is not there; close the one that was opened."""
        other = copy(self)
        other.run = await self.read(lambda connection: run_id(connection, name, "{}"))
        return other

    def close(self) -> None:
        """Write what is left and let go of the database."""
        self._writer.close()
        self._connection.close()

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
        for key, part in parts.items():
            self._keep(key, part)
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

    # Evidence: what was tried, judged and decided. Not waited for; `settled` is.

    def document(self, document: Document, position: int = 0, file: str = "", signature: bytes = b"") -> None:
        """Record a document that the run reads; one recorded before stays as it is."""
        place = {"id": document.id, "position": position, "file": file}
        row = {**place, "title": document.title, "signature": signature or None}
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

    def excerpt(self, document: str, round: int, sections: Sequence[str]) -> None:
        """Record which sections of a long document are shown in a round."""
        row = {"document": document, "round": round, "sections": "\n".join(sections)}
        self._writer.put(t.excerpts, {"run": self.run, **row})

    def novelty(self, document: str, round: int, stage: str, reason: str) -> None:
        """Record which accepted question a round's question repeats; an empty reason says that it is new."""
        row = {"document": document, "round": round, "stage": stage, "reason": reason}
        self._writer.put(t.novelty, {"run": self.run, **row})

    def item(self, item: Item) -> None:
        """Record an item in full."""
        body = self._text(item.model_dump_json())
        self._writer.put(t.items, {"hash": bytes.fromhex(item.hash), "body": body})

    async def read_item(self, hash: str) -> Item:
        """A recorded item in full; LedgerError if there is none of that hash."""
        found = await self.read(lambda connection: item_of(connection, hash))
        if found is None:
            raise LedgerError(f"item {hash} is not in the ledger; begin its document again")
        return found

    def candidate(self, screened: CandidateRecord) -> None:
        """Record what became of a candidate in a round with several."""
        row = asdict(screened) | {"item": screened.item and bytes.fromhex(screened.item)}
        self._writer.put(t.candidates, {**row, "run": self.run})

    def advice(self, item: Item, advice: Advice, body: str) -> None:
        """Record what a loop judge said of an item, bound to its hash; `body` is its whole answer."""
        row = {"item": bytes.fromhex(item.hash), "verdict": advice.verdict, "suitability": advice.suitability}
        self._writer.put(t.advice, {"run": self.run, **row, "body": self._text(body)})

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
        row = asdict(closed) | {"item": closed.item and bytes.fromhex(closed.item), "run": self.run}
        place = {name: row[name] for name in ("run", "document", "round")}
        for policy, failure in row.pop("shadows").items():
            self._writer.put(t.shadows, {**place, "policy": policy, "failure": failure})
        feedback = self._text(closed.feedback) if closed.feedback else None
        self._writer.put(t.rounds, {**row, "feedback": feedback})

    async def outcome(self, decided: OutcomeRecord) -> None:
        """Record a document's verdict; returns once it and all before it are committed."""
        row = asdict(decided) | {"item": decided.item and bytes.fromhex(decided.item)}
        self._writer.put(t.outcomes, {**row, "run": self.run})
        self.forget(decided.document)
        await self.settled()

    async def evidence(self, document: str) -> Rows:
        """Everything recorded of a document in this run, for another ledger: a server keeps one of its own."""
        return await self.read(lambda connection: evidence_of(connection, self.run, document))

    async def take(self, evidence: Rows) -> None:
        """Record evidence from another ledger as this run's; returns once it is committed."""
        for table, row in rows_for(self.run, evidence):
            self._writer.put(table, row)
        await self.settled()

    def _text(self, text: str) -> bytes:
        """Store a text, unless it is known to be there, and give its key."""
        key = text_hash(text)
        self._keep(key, text)
        return key

    def _keep(self, key: bytes, text: str) -> None:
        if key not in self._known:
            self._writer.put(t.texts, {"hash": key, "body": text})
            self._known[key] = None
            if len(self._known) > _KNOWN_TEXTS:
                self._known.popitem(last=False)

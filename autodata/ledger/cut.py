"""Where a run with a target ends: its files hold the first N accepted items, by the documents' order."""

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, true

from autodata.ledger import tables as t
from autodata.ledger.facts import TARGET, read_fact


class Cut(NamedTuple):
    """The last document that a run's files hold; what was in flight behind it is kept for a larger target.

    Documents are begun in order and taken to their verdict, so all before it are decided: which items are among
    the first N does not depend on timing.
    """

    position: int
    document: str

    @property
    def holds(self) -> ColumnElement[bool]:
        """Whether a row of `documents` is not behind the cut."""
        columns = t.documents.c
        here = and_(columns.position == self.position, columns.id <= self.document)
        return or_(columns.position < self.position, here)


def cut_of(connection: Connection, run: int) -> Cut | None:
    """The document that gave the last item of the target; None without a target, or before it is reached."""
    target = read_fact(connection, run, TARGET)
    if target is None:
        return None
    documents, outcomes = t.documents.c, t.outcomes.c
    query = (
        select(documents.position, documents.id)
        .join(t.outcomes, (outcomes.run == documents.run) & (outcomes.document == documents.id))
        .where(documents.run == run, outcomes.verdict == "accepted")
        .order_by(documents.position, documents.id)
        .offset(int(target) - 1)
        .limit(1)
    )
    row = connection.execute(query).first()
    return Cut(row.position, row.id) if row else None


def within(cut: Cut | None, run: int, document: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a row, by its document, is not behind the cut."""
    if cut is None:
        return true()
    return document.in_(select(t.documents.c.id).where(t.documents.c.run == run, cut.holds))


def surplus(connection: Connection, run: int, cut: Cut | None) -> dict[str, int]:
    """How many documents, and accepted ones, were decided beyond the target."""
    columns = t.outcomes.c
    behind = (columns.run == run) & ~within(cut, run, columns.document)
    documents = connection.scalar(select(func.count()).where(behind)) or 0
    accepted = connection.scalar(select(func.count()).where(behind, columns.verdict == "accepted")) or 0
    return {"documents": int(documents), "accepted": int(accepted)}

"""Sums a run up from its ledger: how it went and what it cost."""

from collections.abc import Mapping
from fractions import Fraction
from statistics import mean, median
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, case, func, select

from autodata.ledger import tables as t
from autodata.ledger.budget import Spend
from autodata.ledger.cut import cut_of, surplus, within
from autodata.ledger.records import text_hash
from autodata.schemas import ROLES, Failure

STANDINGS = ("chosen", "not_chosen", "refused")
VERDICTS = ("accepted", "exhausted", "invalid", "unsuitable")


def summarize(connection: Connection, run: int, replayed: Mapping[str, int]) -> dict[str, Any]:
    """The contents of summary.json; means are over accepted items, `rounds` over accepted documents.

    With a target that is reached, all but calls, tokens, cost and time is of the documents that the files hold.
    """
    cut = cut_of(connection, run)
    decided = (t.outcomes.c.run == run) & within(cut, run, t.outcomes.c.document)
    closed = (t.rounds.c.run == run) & within(cut, run, t.rounds.c.document)
    verdicts = _counts(connection, t.outcomes.c.verdict, decided)
    read = (t.documents.c.run == run) & within(cut, run, t.documents.c.id)
    documents = connection.scalar(select(func.count()).where(read)) or 0
    taken = [
        row.rounds
        for row in connection.execute(
            select(t.outcomes.c.rounds).where(decided, t.outcomes.c.verdict == "accepted")
        )
    ]
    failures = _counts(connection, t.rounds.c.failure, closed & t.rounds.c.failure.is_not(None))
    return {
        "documents": documents,
        **{verdict: verdicts.get(verdict, 0) for verdict in VERDICTS},
        "rounds": {"mean": round(mean(taken), 3), "median": median(taken)}
        if taken
        else {"mean": None, "median": None},
        "failures": {failure.value: failures.get(failure, 0) for failure in Failure},
        **_candidates(connection, run),
        "calls": _calls(connection, run, replayed),
        "tokens": _tokens(connection, run),
        "cost_usd": round(spent(connection, run).cost, 6),
        "seconds": round(connection.scalar(select(t.runs.c.seconds).where(t.runs.c.id == run)) or 0.0, 2),
        **_means(connection, closed),
        "shadows": _shadows(connection, closed),
        "unsuitable_documents": _unsuitable(connection, run),
        "skipped": _skipped(connection, run),
        **({"surplus": surplus(connection, run, cut)} if cut else {}),
    }


def spent(connection: Connection, run: int) -> Spend:
    """What a run has paid for in all its sessions."""
    columns = t.calls.c
    row = connection.execute(
        select(
            func.count(),
            func.coalesce(func.sum(columns.tokens_in + columns.tokens_out), 0),
            func.coalesce(func.sum(columns.cost), 0.0),
        ).where(columns.run == run)
    ).one()
    return Spend(int(row[0]), int(row[1]), float(row[2]))


def _skipped(connection: Connection, run: int) -> list[dict[str, str]]:
    query = select(t.skipped).where(t.skipped.c.run == run).order_by(t.skipped.c.file)
    return [{"file": row.file, "reason": row.reason} for row in connection.execute(query)]


def _counts(connection: Connection, column: Any, condition: Any) -> dict[str, int]:
    query = select(column, func.count()).where(condition).group_by(column)
    return {str(value): int(count) for value, count in connection.execute(query)}


def _candidates(connection: Connection, run: int) -> dict[str, dict[str, int]]:
    """Where rounds have several candidates: how many were chosen, not chosen, and refused by code."""
    found = _counts(connection, t.candidates.c.standing, t.candidates.c.run == run)
    return {"candidates": {standing: found.get(standing, 0) for standing in STANDINGS}} if found else {}


def _unsuitable(connection: Connection, run: int) -> list[dict[str, str]]:
    """The documents that nothing of the domain's kind can be asked of, and why: what their last round came to."""
    same = (t.documents.c.run == t.outcomes.c.run) & (t.documents.c.id == t.outcomes.c.document)
    last = (t.rounds.c.run == t.outcomes.c.run) & (t.rounds.c.document == t.outcomes.c.document)
    query = (
        select(t.documents.c.file, t.documents.c.title, t.rounds.c.reason)
        .join(t.documents, same)
        .join(t.rounds, last & (t.rounds.c.round == t.outcomes.c.rounds))
        .where(t.outcomes.c.run == run, t.outcomes.c.verdict == "unsuitable")
        .order_by(t.documents.c.position)
    )
    return [{"file": row.file or row.title, "reason": row.reason} for row in connection.execute(query)]


def _tokens(connection: Connection, run: int) -> dict[str, int]:
    """In and out; `cached` is the part of `in` that caches held, `thinking` the hidden part of `out`."""
    columns = {name: t.calls.c[f"tokens_{name}"] for name in ("in", "out", "cached", "thinking")}
    sums = [func.coalesce(func.sum(column), 0).label(f"sum_{name}") for name, column in columns.items()]
    row = connection.execute(select(*sums).where(t.calls.c.run == run)).one()
    return {name: int(total) for name, total in zip(columns, row, strict=True)}


def _calls(connection: Connection, run: int, replayed: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """By role: calls asked in all sessions, replayed in this one, tried again, unreadable, and cut off.

    `truncated` counts the answers that `max_tokens` cut off, `thought_only` those of them without any text.
    """
    cut = case((t.calls.c.finish == "length", 1), else_=0)
    silent = case(((t.calls.c.finish == "length") & (t.calls.c.reply == text_hash("")), 1), else_=0)
    unread = case((t.unreadable.c.call.is_not(None), 1), else_=0)
    counted = {"unreadable": unread, "truncated": cut, "thought_only": silent}
    query = (
        select(
            t.calls.c.role,
            func.count().label("asked"),
            func.sum(t.calls.c.retries).label("retried"),
            *(func.sum(column).cast(Integer).label(name) for name, column in counted.items()),
        )
        .outerjoin(t.unreadable, t.unreadable.c.call == t.calls.c.key)
        .where(t.calls.c.run == run)
        .group_by(t.calls.c.role)
    )
    found = {row["role"]: row for row in connection.execute(query).mappings()}
    return {
        role: {
            "asked": int(found[role]["asked"]) if role in found else 0,
            "replayed": replayed.get(role, 0),
            **{name: int(found[role][name] or 0) if role in found else 0 for name in ("retried", *counted)},
        }
        for role in ROLES
        if role in found or replayed.get(role)
    }


def _shadows(connection: Connection, closed: ColumnElement[bool]) -> dict[str, dict[str, int]]:
    """By policy that does not decide, over the rounds that both solvers tried: what it would have made of them.

    `accepted` of them it would have taken too, or instead: `agreed` counts the rounds of the same verdict.
    """
    s, r = t.shadows.c, t.rounds.c
    query = (
        select(
            s.policy,
            func.count(),
            func.sum(case((s.failure.is_(None), 1), else_=0)),
            func.sum(case((s.failure.is_(None) == r.failure.is_(None), 1), else_=0)),
        )
        .join(t.rounds, (r.run == s.run) & (r.document == s.document) & (r.round == s.round))
        .where(closed)
        .group_by(s.policy)
        .order_by(s.policy)
    )
    return {
        row[0]: {"decided": int(row[1]), "accepted": int(row[2]), "agreed": int(row[3])}
        for row in connection.execute(query)
    }


def _means(connection: Connection, closed: ColumnElement[bool]) -> dict[str, float | None]:
    """The accepted items' mean scores and gap, exact until the last step."""
    query = select(t.rounds.c.weak_mean, t.rounds.c.strong_mean).where(closed, t.rounds.c.failure.is_(None))
    pairs = [(Fraction(row[0]), Fraction(row[1])) for row in connection.execute(query)]
    if not pairs:
        return {"weak_mean": None, "strong_mean": None, "gap": None}
    weak = sum((pair[0] for pair in pairs), Fraction(0)) / len(pairs)
    strong = sum((pair[1] for pair in pairs), Fraction(0)) / len(pairs)
    return {"weak_mean": float(weak), "strong_mean": float(strong), "gap": float(strong - weak)}

"""What a run's rounds took by role, measured from its ledger: the basis of the next run's estimate."""

import math
from statistics import mean, stdev
from typing import Any

from sqlalchemy import Connection, func, select

from autodata.errors import UsageError
from autodata.estimate import CHARS_A_TOKEN, Range, Rates, RoleRates
from autodata.ledger import tables as t
from autodata.schemas import ROLES

CERTAIN = 1.64
"""Standard errors on each side: nine of ten runs of the same kind stay within."""
TOKENS_VARY = 0.05
"""How much longer or shorter answers may be on other documents."""


def measured_rates(connection: Connection, run: int, name: str, next_count: int) -> Rates:
    """Rates from a run's decided documents; UsageError if there are none.

    The bounds are those of the mean over `next_count` documents like the measured ones.
    """
    outcomes, calls = t.outcomes.c, t.calls.c
    decided = {
        row.document: int(row.rounds)
        for row in connection.execute(select(outcomes.document, outcomes.rounds).where(outcomes.run == run))
    }
    if not decided:
        raise UsageError(f"{name} has decided no document yet; give --like a run that has")
    counts: dict[str, dict[str, int]] = {}
    by_document = select(calls.role, calls.document, func.count()).where(calls.run == run)
    for role, document, count in connection.execute(by_document.group_by(calls.role, calls.document)):
        if document in decided:
            counts.setdefault(role, {})[document] = int(count)
    taken = select(
        calls.role, func.avg(calls.tokens_in), func.avg(calls.tokens_out), func.avg(calls.seconds)
    ).where(calls.run == run)
    means = {row[0]: [float(value) for value in row[1:]] for row in connection.execute(taken.group_by(calls.role))}
    own = _mean_chars(connection, run) / CHARS_A_TOKEN
    roles = {}
    for role in ROLES:
        if role not in counts:
            continue
        reads = role in ("challenger", "quality_verifier")
        tokens_in, tokens_out, seconds = means[role]
        roles[role] = RoleRates(
            calls=_likely([counts[role].get(document, 0) for document in decided], next_count),
            tokens_in=max(tokens_in - own, 0.0) if reads else tokens_in,
            reads_document=reads,
            tokens_out=Range(tokens_out * (1 - TOKENS_VARY), tokens_out, tokens_out * (1 + TOKENS_VARY)),
            seconds=seconds,
        )
    return Rates(f"{len(decided)} documents of {name}", roles, mean(decided.values()))


def _likely(counts: list[int], next_count: int) -> Range:
    """The mean, and where the mean of the next run will most likely be."""
    middle = mean(counts)
    if len(counts) < 2:
        return Range(middle / 2, middle, 2 * middle)
    error = CERTAIN * stdev(counts) * math.sqrt(1 / len(counts) + 1 / max(next_count, 1))
    return Range(max(middle - error, 0.0), middle, middle + error)


def _mean_chars(connection: Connection, run: int) -> float:
    """The mean size of the files that gave documents, in bytes, which is near enough to characters."""
    documents, sources = t.documents.c, t.sources.c
    query: Any = (
        select(func.avg(sources.size))
        .join(t.documents, (documents.run == sources.run) & (documents.file == sources.file))
        .where(sources.run == run)
    )
    return float(connection.scalar(query) or 0.0)

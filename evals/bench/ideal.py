"""The wall time that latency and the graph's own order allow: nothing but waiting for answers."""

import heapq
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import Connection, func, select

from autodata.ledger import tables as t
from autodata.ledger.address import reader
from autodata.ledger.files import LEDGER

# Calls of these roles follow one another; attempts run side by side, each a solver's call and then a judge's.
_IN_TURN = ("orchestrator", "challenger", "quality_verifier")
_ATTEMPT_CALLS = 2


def ideal_seconds(run: Path, latency_s: float, places: int) -> float:
    """The seconds that a finished run's documents take if each answer takes `latency_s` and all else nothing.

    Documents are begun in their order, each in the place that is free first, as the driver does.
    """
    engine = reader(run / LEDGER)
    with engine.connect() as connection:
        steps = _steps(connection)
    engine.dispose()
    free = [0.0] * places
    for count in steps.values():
        heapq.heapreplace(free, free[0] + count * latency_s)
    return max(free)


def _steps(connection: Connection) -> Mapping[str, int]:
    """By document, in order: how many answers are waited for one after the other."""
    documents, calls, rounds, attempts = t.documents.c, t.calls.c, t.rounds.c, t.attempts.c
    ids = connection.scalars(select(documents.id).order_by(documents.position, documents.id))
    steps = dict.fromkeys(ids, 0)
    in_turn = select(calls.document, func.count()).where(calls.role.in_(_IN_TURN)).group_by(calls.document)
    for document, count in connection.execute(in_turn):
        steps[document] += count
    tried = select(rounds.document, attempts.solver).join(t.attempts, attempts.item == rounds.item).distinct()
    by_round = tried.add_columns(rounds.round)
    for document, _, _ in connection.execute(by_round):
        steps[document] += _ATTEMPT_CALLS
    return steps

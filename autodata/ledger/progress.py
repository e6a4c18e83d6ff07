"""How a run goes on, from its ledger: speed, what is slow, and what is to be expected by its end."""

from statistics import quantiles
from typing import Any

from sqlalchemy import Connection, func, select

from autodata.ledger import tables as t
from autodata.ledger.budget import Spend
from autodata.ledger.facts import ESTIMATE, SESSION, TARGET, read_fact
from autodata.ledger.summary import spent

WINDOW_S = 60.0
"""The speed is that of the last minute in which calls were answered."""
LATEST = 2_000
"""Calls whose times say what is slow."""


def progress(connection: Connection, run: int) -> dict[str, Any]:
    """What `autodata status` shows beside the summary.

    Gives `files, done, target, session, calls_per_s, slow, expected, estimate`; what is not known yet is None.
    """
    columns = t.outcomes.c
    files = connection.scalar(select(func.sum(t.sources.c.documents)).where(t.sources.c.run == run)) or 0
    left_out = connection.scalar(select(func.count()).where(t.skipped.c.run == run)) or 0
    counted = select(columns.verdict, func.count()).where(columns.run == run).group_by(columns.verdict)
    verdicts = {str(verdict): int(count) for verdict, count in connection.execute(counted)}
    decided = sum(verdicts.values())
    target = read_fact(connection, run, TARGET)
    speed = _speed(connection, run)
    return {
        "files": int(files),
        "done": decided + int(left_out),
        "target": target,
        "session": read_fact(connection, run, SESSION),
        "calls_per_s": speed,
        "slow": _slow(connection, run),
        "expected": _expected(spent(connection, run), verdicts, files - left_out, target, speed),
        "estimate": read_fact(connection, run, ESTIMATE),
    }


def _speed(connection: Connection, run: int) -> float | None:
    """Calls a second in the last minute of work; None before there are two calls."""
    at, mine = t.calls.c.at, t.calls.c.run == run
    last = connection.scalar(select(func.max(at)).where(mine))
    if last is None:
        return None
    first, count = connection.execute(select(func.min(at), func.count()).where(mine, at > last - WINDOW_S)).one()
    return round((count - 1) / (last - first), 2) if last > first else None


def _slow(connection: Connection, run: int) -> list[dict[str, Any]]:
    """By role and model, the median and the 95th percentile of the latest calls' seconds; the slowest first."""
    columns = t.calls.c
    query = select(columns.role, columns.model, columns.seconds).where(columns.run == run)
    times: dict[tuple[str, str], list[float]] = {}
    for role, model, seconds in connection.execute(query.order_by(columns.at.desc()).limit(LATEST)):
        times.setdefault((role, model), []).append(seconds)
    lines = []
    for (role, model), found in times.items():
        cuts = quantiles(found, n=20, method="inclusive") if len(found) > 1 else found * 19
        lines.append({"role": role, "model": model, "p50_s": round(cuts[9], 3), "p95_s": round(cuts[18], 3)})
    return sorted(lines, key=lambda line: -float(line["p95_s"]))


def _expected(
    so_far: Spend, verdicts: dict[str, int], files: int, target: int | None, speed: float | None
) -> dict[str, Any] | None:
    """Calls, cost and seconds by the run's end, if the rest goes like what is decided; None before anything is."""
    decided, accepted = sum(verdicts.values()), verdicts.get("accepted", 0)
    if not decided:
        return None
    documents = float(files)
    if target is not None and accepted:
        documents = min(documents, target * decided / accepted)
    factor = max(documents / decided, 1.0)
    calls = round(so_far.calls * factor)
    return {
        "documents": round(documents),
        "accepted": round(min(accepted * factor, target or accepted * factor)),
        "calls": calls,
        "cost_usd": round(so_far.cost * factor, 4),
        "seconds_left": round((calls - so_far.calls) / speed) if speed else None,
    }

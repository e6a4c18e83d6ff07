"""`autodata whatif`: what other thresholds would have made of a run, from its stored evidence alone."""

import json
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from statistics import mean
from typing import Any, get_args

from rich.table import Table

from app.console import PlainConsole
from app.rundir import reading, run_of
from autodata.acceptance import Policy, policy_named
from autodata.errors import UsageError
from autodata.ledger.manifest import read_manifest
from evals.whatif import Outcome, WhatIf, steps, what_if, with_limit


def whatif_command(
    directory: Path, policy: str | None, limits: Sequence[str], sweep: str | None, as_json: bool
) -> None:
    """Print a line for the run's own policy and for each one asked about.

    Raises:
        UsageError: if a limit, a sweep or the policy is not understood.
    """
    with reading(directory) as connection:
        own = policy_named((read_manifest(directory) or {})["policy"])
        asked = policy_named(policy) if policy else own
        for text in limits:
            asked = with_limit(asked, *_limit(text))
        lines = [("as it was run", own), (_named(asked, limits), asked)] if policy or limits else []
        if sweep is not None:
            name, values = _pair(sweep)
            lines = lines[:1] or [("as it was run", own)]
            lines += [(f"{name} = {float(value):g}", with_limit(asked, name, value)) for value in steps(values)]
        if not lines:
            raise UsageError(
                "nothing to ask about; give --policy NAME, --set LIMIT=VALUE or --sweep LIMIT=LOW:HIGH:STEP"
            )
        outcomes = what_if(connection, run_of(connection), [one for _, one in lines])
    rows = [_row(words, one, found) for (words, one), found in zip(lines, outcomes, strict=True)]
    if as_json:
        print(json.dumps({"run": str(directory), "policies": rows}))
        return
    _print(rows)


def _row(words: str, policy: Policy, found: Sequence[WhatIf]) -> dict[str, Any]:
    """What a policy comes to."""
    counts = Counter(one.outcome for one in found)
    accepted = [one for one in found if one.outcome == "accepted"]
    gaps = [float(one.gap) for one in accepted if one.gap is not None]
    return {
        "policy": words,
        "weak": " and ".join(map(str, policy.weak)),
        "strong": " and ".join(map(str, policy.strong)),
        "documents": len(found),
        **{outcome: counts[outcome] for outcome in get_args(Outcome)},
        "mean_round": mean(one.round for one in accepted) if accepted else None,
        "gap": mean(gaps) if gaps else None,
        "rounds_saved": sum(one.rounds - one.round for one in accepted),
    }


def _print(rows: Sequence[dict[str, Any]]) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("policy")
    heads = [*get_args(Outcome), "mean round", "gap", "rounds saved"]
    for head in heads:
        table.add_column(head, justify="right")
    for row in rows:
        gap = "-" if row["gap"] is None else f"{row['gap']:.1%}"
        middle = "-" if row["mean_round"] is None else f"{row['mean_round']:.2f}"
        counts = [str(row[outcome]) for outcome in get_args(Outcome)]
        table.add_row(row["policy"], *counts, middle, gap, str(row["rounds_saved"]))
    console = PlainConsole()
    console.print(table)
    console.print(
        "unaudited: the thresholds hold, but the last quality check was never made. unknown: the strong solver was"
        " never asked. rejected: the run would have gone on; what it would have found is not known.",
        style="dim",
        soft_wrap=True,
    )


def _named(policy: Policy, limits: Sequence[str]) -> str:
    return ", ".join([policy.name, *limits])


def _limit(text: str) -> tuple[str, Fraction]:
    name, value = _pair(text)
    try:
        return name, Fraction(value)
    except (ValueError, ZeroDivisionError):
        raise UsageError(f"{text!r}: {value!r} is no number") from None


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise UsageError(f"{text!r} is not of the form LIMIT=VALUE")
    return name.strip(), value.strip()

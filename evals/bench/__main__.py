"""`make bench`: measures the rows that are named, or all, and prints them against their goals.

Everything runs on this machine: the simulated server, each campaign and each start in a process of its own.
"""

import argparse
import json
import os
import platform
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from evals.bench.rows import FULL, QUICK, ROWS, Bench


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m evals.bench", description=__doc__)
    parser.add_argument("--rows", default=",".join(ROWS), help=f"some of: {','.join(ROWS)}")
    parser.add_argument("--quick", action="store_true", help="a few documents: whether it works, not how fast")
    parser.add_argument("--json", action="store_true", help="print JSON for a script")
    asked = parser.parse_args()
    names = asked.rows.split(",")
    if unknown := [name for name in names if name not in ROWS]:
        parser.error(f"no row {unknown[0]!r}; known: {', '.join(ROWS)}")
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), QUICK if asked.quick else FULL)
        begun, load = time.perf_counter(), os.getloadavg()[0]
        found = {}
        for name in names:
            found[name] = ROWS[name].measure(bench)
            if not asked.json:
                print(f"{name}: {found[name]:.4g} {ROWS[name].unit}", flush=True)
    if asked.json:
        print(json.dumps(found))
        return
    _print(found, time.perf_counter() - begun, load)


def _print(found: dict[str, float], seconds: float, load: float) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in ("row", "figure", "unit", "goal", "figure/goal", ""):
        table.add_column(column, justify="right" if column in ("figure", "goal", "figure/goal") else "left")
    for name, figure in found.items():
        row = ROWS[name]
        met = figure >= row.goal if row.at_least else figure <= row.goal
        sign = ">=" if row.at_least else "<="
        ratio = f"{figure / row.goal:.2f}"
        table.add_row(
            row.title, f"{figure:,.4g}", row.unit, f"{sign} {row.goal:g}", ratio, "" if met else "missed"
        )
    console = Console(highlight=False, width=120)
    console.print(table)
    console.print(
        f"simulated models; {os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, "
        f"load {load:.1f} at the start, {seconds:.0f} s in all",
        soft_wrap=True,
    )


if __name__ == "__main__":
    main()

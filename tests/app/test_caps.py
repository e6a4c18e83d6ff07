"""Caps and targets from end to end: never passed, depth first, exact, and gone on with.

I1: the ledger's sums never pass a cap, at any concurrency. I2: what a cap allowed has produced items. I3: a target
gives exactly so many items, the same ones at any concurrency. I4: a larger cap or target goes on, and pays for
nothing again.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.app.test_run import answered, lines, outputs
from tests.conftest import Autodata, config_file, simulated, write_papers


def summary(directory: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((directory / "summary.json").read_text())
    return found


def calls(directory: Path) -> int:
    return sum(int(role["asked"]) for role in summary(directory)["calls"].values())


@pytest.mark.parametrize(
    ("cap", "unit"), [("--max-calls", "calls"), ("--max-tokens", "tokens"), ("--max-cost", "usd")]
)
def test_i1_i2_caps_hold_with_64_calls_in_flight_and_give_items(
    autodata: Autodata, tmp_path: Path, cap: str, unit: str
) -> None:
    with simulated("--latency-ms", "5") as url:
        papers, config = write_papers(tmp_path / "papers", 64), config_file(tmp_path, url)
        priced = 'price_in = 2.0\nprice_out = 10.0\nmax_tokens = 600\nmodel = "sim"\n[models.weak]'
        config.write_text(config.read_text().replace('model = "sim"\n[models.weak]', priced))
        most = {"calls": 150, "tokens": 160_000, "usd": 0.6}[unit]
        arguments = ["run", papers, "--out", "out", "--config", config, "--concurrency", 64]
        finished = autodata(*arguments, cap, most, check=3)
        assert f"{cap} {most} is reached" in finished.stdout
        out = tmp_path / "out"
        found = summary(out)
        spent = {"calls": calls(out), "tokens": sum(found["tokens"].values()), "usd": found["cost_usd"]}[unit]
        assert 0.8 * most < spent <= most
        assert answered(url) == calls(out), "what was asked is in the ledger"
        assert found["accepted"] >= 2


def test_i3_i4_a_target_is_exact_and_the_surplus_is_used_first(autodata: Autodata, tmp_path: Path) -> None:
    with simulated("--latency-ms", "5") as url:
        papers, config = write_papers(tmp_path / "papers", 40), config_file(tmp_path, url)
        ask = ["run", papers, "--config", config, "--max-rounds", 3]
        autodata(*ask, "--out", "wide", "--target", 6, "--concurrency", 32)
        autodata(*ask, "--out", "narrow", "--target", 6, "--concurrency", 1)
        wide, narrow = tmp_path / "wide", tmp_path / "narrow"
        assert len(lines(wide / "accepted.jsonl")) == len(lines(narrow / "accepted.jsonl")) == 6
        assert outputs(wide) == outputs(narrow)
        assert summary(wide)["accepted"] == 6 and summary(narrow)["surplus"] == {"documents": 0, "accepted": 0}
        surplus = summary(wide)["surplus"]["accepted"]
        assert surplus > 0, "before: more than the target was in flight"
        before = answered(url)
        autodata(*ask, "--out", "wide", "--target", 6 + surplus, "--concurrency", 32)
        assert len(lines(wide / "accepted.jsonl")) == 6 + surplus
        assert answered(url) == before, "the surplus was paid for"
        autodata(*ask, "--out", "wide", "--target", 12)
        autodata(*ask, "--out", "narrow", "--target", 12)
        assert outputs(wide) == outputs(narrow)
        autodata(*ask, "--out", "wide")
        assert "surplus" not in summary(wide) and summary(wide)["documents"] == 40


def test_i4_a_larger_cap_goes_on_and_ends_like_an_uncapped_run(autodata: Autodata, tmp_path: Path) -> None:
    with simulated() as url:
        papers, config = write_papers(tmp_path / "papers", 12), config_file(tmp_path, url)
        autodata("run", papers, "--out", "whole", "--config", config)
        whole = answered(url)
        for most in (20, 21, 90, 10_000):
            capped = "run", papers, "--out", "capped", "--config", config, "--max-calls", most
            autodata(*capped, check=0 if most > 1000 else 3)
            assert calls(tmp_path / "capped") <= most
        assert answered(url) == 2 * whole
        assert outputs(tmp_path / "capped") == outputs(tmp_path / "whole")

"""Caps and targets over a whole run: never passed, depth first, exact, and gone on with.

I1: the ledger's sums never pass a cap, at any concurrency. I2: what a cap allowed has produced items. I3: a target
gives exactly so many items, the same ones at any concurrency. I4: a larger cap or target goes on, and pays for
nothing again.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from autodata.documents.sources import find_sources
from autodata.errors import BudgetSpentError
from autodata.ledger.budget import Caps, Spend
from autodata.settings import configure
from graphs.run import Finished, Plan, run_directory
from tests.app.test_run import answered, outputs
from tests.conftest import models_at, simulated, write_papers

PRICED = {"price_in": 2.0, "price_out": 10.0, "max_tokens": 600}


async def run(
    papers: Path, out: Path, url: str, width: int, caps: Caps | None = None, target: int | None = None
) -> Finished:
    limits = {"concurrency": width, "max_rounds": 4}
    given = {"domain": "cs_research", "models": models_at(url, **PRICED), "limits": limits}
    settings = configure(None, given).settings
    return await run_directory(Plan(out, settings, find_sources([papers]), caps or Caps(), target))


def spent(summary: dict[str, Any]) -> Spend:
    calls = sum(int(role["asked"]) for role in summary["calls"].values())
    return Spend(calls, summary["tokens"]["in"] + summary["tokens"]["out"], summary["cost_usd"])


@pytest.mark.parametrize("caps", [Caps(calls=150), Caps(tokens=160_000), Caps(cost=0.6)])
async def test_i1_i2_caps_hold_with_64_documents_in_flight_and_give_items(tmp_path: Path, caps: Caps) -> None:
    with simulated("--latency-ms", "5") as url:
        papers = write_papers(tmp_path / "papers", 64)
        finished = await run(papers, tmp_path / "out", url, 64, caps)
        assert isinstance(finished.stopped, BudgetSpentError)
        for most, found in zip(caps, spent(finished.summary), strict=True):
            assert most is None or 0.8 * most < found <= most
        assert answered(url) == spent(finished.summary).calls, "what was asked is in the ledger"
        assert finished.summary["accepted"] >= 2


async def test_i3_i4_a_target_is_exact_and_its_surplus_is_used_first(simulator: str, tmp_path: Path) -> None:
    papers, wide, narrow = write_papers(tmp_path / "papers", 40), tmp_path / "wide", tmp_path / "narrow"
    alone = (await run(papers, narrow, simulator, 1, target=6)).summary
    assert alone["surplus"] == {"documents": 0, "accepted": 0}
    assert (await run(papers, wide, simulator, 32, target=10)).summary["accepted"] == 10
    before = answered(simulator)
    found = (await run(papers, wide, simulator, 32, target=6)).summary
    assert found["accepted"] == len((wide / "accepted.jsonl").read_text().splitlines()) == 6
    assert outputs(wide) == outputs(narrow)
    assert found["surplus"]["accepted"] >= 4
    raised = (await run(papers, wide, simulator, 32, target=6 + found["surplus"]["accepted"])).summary
    assert raised["accepted"] == 6 + found["surplus"]["accepted"]
    assert answered(simulator) == before, "the surplus was paid for"
    await run(papers, wide, simulator, 32, target=14)
    await run(papers, narrow, simulator, 1, target=14)
    assert outputs(wide) == outputs(narrow)
    last = (await run(papers, wide, simulator, 32)).summary
    assert "surplus" not in last and last["documents"] == 40


async def test_i4_a_larger_cap_goes_on_and_ends_like_an_uncapped_run(simulator: str, tmp_path: Path) -> None:
    papers, begun = write_papers(tmp_path / "papers", 12), answered(simulator)
    await run(papers, tmp_path / "whole", simulator, 8)
    whole = answered(simulator) - begun
    for most in (20, 21, 90, 10_000):
        found = await run(papers, tmp_path / "capped", simulator, 8, Caps(calls=most))
        assert (found.stopped is None) == (most == 10_000)
        assert spent(found.summary).calls <= most
    assert answered(simulator) - begun == 2 * whole
    assert outputs(tmp_path / "capped") == outputs(tmp_path / "whole")
    assert json.loads((tmp_path / "capped" / "summary.json").read_text())["documents"] == 12

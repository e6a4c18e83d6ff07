"""The `code` domain from end to end: what is accepted can be proved again from `accepted.jsonl` alone."""

import asyncio
import json
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, select

from autodata.acceptance import POLICIES, decide
from autodata.ledger import tables as t
from autodata.ledger.records import unpack
from autodata.schemas import Item
from autodata.verifiers.code.tasks import task_in
from autodata.verifiers.code.trust import trust_problems
from autodata.verifiers.sandbox import Sandbox
from tests.app.test_run import _wait_for_calls as wait_for_calls
from tests.conftest import ROOT, Autodata, config_file, simulated, write_papers


def accepted(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "accepted.jsonl").read_text().splitlines()]


def items_of(lines: list[dict[str, Any]]) -> list[Item]:
    return [
        Item.model_validate({name: line[name] for name in Item.model_fields if name in line}) for line in lines
    ]


async def problems_of(items: list[Item]) -> list[list[str]]:
    sandbox = Sandbox()
    try:
        return [await trust_problems(sandbox, task_in(item)) for item in items]
    finally:
        await sandbox.close()


def asked(ledger: Path, role: str) -> list[str]:
    """Everything that a role was sent."""
    engine = create_engine(f"sqlite:///{ledger}")
    with engine.connect() as connection:
        bodies = {bytes(row.hash): unpack(row.body) for row in connection.execute(select(t.texts))}
        requests = connection.execute(select(t.calls.c.request).where(t.calls.c.role == role)).scalars().all()
    engine.dispose()
    found = []
    for request in requests:
        parts = [part for message in json.loads(bodies[bytes(request)]) for part in message[1:]]
        found.append("".join(part if isinstance(part, str) else bodies[bytes.fromhex(part[0])] for part in parts))
    return found


def test_accepted_tasks_can_be_proved_again_and_their_tests_were_hidden(
    autodata: Autodata, simulator: str, tmp_path: Path
) -> None:
    papers, config = write_papers(tmp_path / "papers", 8), config_file(tmp_path, simulator)
    autodata("run", papers, "--out", "out", "--config", config, "--domain", "code")
    lines, summary = accepted(tmp_path / "out"), json.loads((tmp_path / "out" / "summary.json").read_text())
    assert len(lines) == summary["accepted"] >= 4 and summary["invalid"] == 0
    items = items_of(lines)
    for line, item in zip(lines, items, strict=True):
        weak, strong = ([Fraction(score) for score in line[solver]["scores"]] for solver in ("weak", "strong"))
        assert (len(weak), len(strong)) == (4, 4) and {*weak, *strong} <= {0, 1}
        assert decide(POLICIES["counts"], weak, strong).accepted
        assert item.hash[:16] == line["id"], "the hidden tests are part of what the id binds"
        assert "flaw=none" in item.question, "the simulator's flawed tasks are all refused by code"
    assert asyncio.run(problems_of(items)) == [[]] * len(items)
    hidden = [case for item in items for case in task_in(item).cases]
    for role in ("weak", "strong"):
        for text in asked(tmp_path / "out" / "ledger.db", role):
            assert not any(case.call in text for case in hidden)
            assert not any(item.reference_answer in text for item in items)


def test_killed_and_gone_on_with_it_gives_the_same(autodata: Autodata, tmp_path: Path) -> None:
    with simulated("--latency-ms", "10") as url:
        papers, config = write_papers(tmp_path / "papers", 3), config_file(tmp_path, url)
        common = ["run", str(papers), "--config", str(config), "--domain", "code", "--quiet"]
        common += ["--max-rounds", "4"]
        autodata(*common, "--out", "whole")
        command = [sys.executable, "-m", "app", *common, "--out", "killed"]
        with subprocess.Popen(command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}) as process:
            wait_for_calls(tmp_path / "killed" / "ledger.db", process, more=30)
            process.kill()
        assert process.wait() == -9, "it was killed in the middle of its work"
        autodata(*common, "--out", "killed")
    for name in ("accepted.jsonl", "rejected.jsonl"):
        assert (tmp_path / "killed" / name).read_text() == (tmp_path / "whole" / name).read_text()

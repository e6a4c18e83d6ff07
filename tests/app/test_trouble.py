"""Disks, locks and databases that fail: one sentence with the mend, the documented status, and nothing damaged."""

import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from app.rundir import reading
from autodata.documents.sources import find_sources
from autodata.errors import LedgerError, RunConflictError
from autodata.ledger.ledger import Ledger
from autodata.ledger.manifest import read_manifest
from autodata.settings import configure
from graphs.run import Finished, Plan, run_directory
from tests.app.test_run import outputs
from tests.conftest import ROOT, Autodata, config_file, write_papers
from tests.postgres import schema

LIMIT = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000)); import app.__main__"


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    return write_papers(tmp_path / "papers", 4)


async def run(papers: Path, out: Path, config: Path) -> Finished:
    return await run_directory(Plan(out, configure(config).settings, find_sources([papers])))


async def test_a_full_disk_ends_the_run_and_more_space_goes_on(simulator: str, tmp_path: Path) -> None:
    """No file may grow beyond 600 kB, which is how a full disk looks from within."""
    papers, config = write_papers(tmp_path / "papers", 20), config_file(tmp_path, simulator)
    full = subprocess.run(
        [sys.executable, "-c", LIMIT, "run", str(papers), "--config", str(config), "--out", "full"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert full.returncode == 5, full.stderr
    assert "start again" in full.stderr and "Traceback" not in full.stderr
    with sqlite3.connect(tmp_path / "full" / "ledger.db") as ledger:
        assert ledger.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert ledger.execute("SELECT count(*) FROM calls").fetchone()[0] > 0
    await run(papers, tmp_path / "full", config)
    await run(papers, tmp_path / "whole", config)
    assert outputs(tmp_path / "full") == outputs(tmp_path / "whole")


async def test_a_ledger_that_another_program_holds_is_named_in_time(
    simulator: str, tmp_path: Path, papers: Path
) -> None:
    out, config = tmp_path / "o", config_file(tmp_path, simulator)
    await run(papers, out, config)
    with closing(sqlite3.connect(out / "ledger.db")) as other:
        other.execute("BEGIN EXCLUSIVE")
        started = time.monotonic()
        with pytest.raises(LedgerError, match="database is locked; another program holds it: end that and start"):
            await run(papers, out, config)
        assert time.monotonic() - started < 2
    await run(papers, out, config)


@pytest.mark.parametrize("kept", [0, 100], ids=["header", "pages"])
async def test_a_damaged_ledger_is_refused_and_left_as_it_is(
    simulator: str, tmp_path: Path, papers: Path, kept: int
) -> None:
    out, config = tmp_path / "o", config_file(tmp_path, simulator)
    await run(papers, out, config)
    ledger = out / "ledger.db"
    content = ledger.read_bytes()
    content = content[:kept] + b"x" * (len(content) - kept)
    ledger.write_bytes(content)
    with pytest.raises(LedgerError, match="it is kept as it is; restore it from a copy"):
        await run(papers, out, config)
    with pytest.raises(LedgerError, match="it is kept as it is; restore it from a copy"), reading(out):
        pass
    assert ledger.read_bytes() == content


async def test_a_damaged_manifest_is_refused(simulator: str, tmp_path: Path, papers: Path) -> None:
    config = config_file(tmp_path, simulator)
    await run(papers, tmp_path / "o", config)
    (tmp_path / "o" / "manifest.json").write_text("{")
    with pytest.raises(RunConflictError, match=r"manifest.json cannot be read"):
        await run(papers, tmp_path / "o", config)


async def test_a_run_on_postgresql_has_its_files_and_one_writer(
    simulator: str, tmp_path: Path, papers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, out = config_file(tmp_path, simulator), tmp_path / "o"
    await run(papers, tmp_path / "file", config)
    with schema() as address:
        monkeypatch.setenv("DATABASE_URL", address)
        first = await run(papers, out, config)
        assert outputs(out) == outputs(tmp_path / "file") and not (out / "ledger.db").exists()
        again = await run(papers, out, config)
        assert again.summary["calls"] == first.summary["calls"]
        identity = (read_manifest(out) or {})["run"]
        with (
            closing(Ledger.open(address, identity, sole=True)),
            pytest.raises(RunConflictError, match=f"in use by process {os.getpid()} on .* since 20"),
        ):
            await run(papers, out, config)
        with pytest.raises(RunConflictError, match="its ledger was sqlite, is postgresql"):
            await run(papers, tmp_path / "file", config)
        other = await run(papers, tmp_path / "other", config)
        assert other.summary["accepted"] == first.summary["accepted"]
        assert not other.summary["calls"]["judge"]["asked"], "another run of the database paid for them"
        monkeypatch.delenv("DATABASE_URL")
        with pytest.raises(RunConflictError, match=r"its ledger was postgresql://.*, is sqlite"):
            await run(papers, out, config)
    with schema() as another:
        monkeypatch.setenv("DATABASE_URL", another)
        with pytest.raises(RunConflictError, match="does not hold this run"):
            await run(papers, out, config)


def test_a_database_password_is_shown_nowhere(
    autodata: Autodata, simulator: str, tmp_path: Path, papers: Path
) -> None:
    config = config_file(tmp_path, simulator)
    with schema() as address:
        secret = address.replace("postgres@", "postgres:very-secret@")
        ask = ["run", papers, "--out", "o", "--config", config]
        said = [
            autodata(*ask, DATABASE_URL=secret),
            autodata("config", "--json", DATABASE_URL=secret),
            autodata(*ask, check=5, DATABASE_URL=secret.replace(":5432", ":1")),
        ]
    assert "see that the database server runs" in said[2].stderr
    left = "".join(path.read_text("utf-8", "replace") for path in (tmp_path / "o").iterdir())
    assert "very-secret" not in left + "".join(one.stdout + one.stderr for one in said)

"""A key is sent to its endpoint and is nowhere else: no file, output, message or process argument holds it."""

import os
import sqlite3
import subprocess
import sys
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import ROOT, Autodata, config_file, simulated, write_papers

KEY = "sk-test-3f9a27c1d84e"
WRONG = "sk-test-wrong-77aa01"


def left_in(folder: Path) -> Iterator[tuple[str, bytes]]:
    """All that a run left: every file as it is, and what is compressed in ledgers."""
    for path in folder.rglob("*"):
        if path.is_file() and path.name != "autodata.toml":
            yield str(path), path.read_bytes()
        if path.suffix == ".db":
            with closing(sqlite3.connect(path)) as database:
                for (body,) in database.execute("SELECT body FROM texts"):
                    yield f"{path}, a text", zlib.decompress(body)


def arguments_of(process: int) -> bytes:
    """The command lines of a process and of all under it."""
    found = Path(f"/proc/{process}/cmdline").read_bytes()
    for children in Path(f"/proc/{process}/task").glob("*/children"):
        for child in children.read_text().split():
            found += arguments_of(int(child))
    return found


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="process arguments are read from /proc")
def test_a_key_is_in_no_file_no_output_and_no_process_argument(autodata: Autodata, tmp_path: Path) -> None:
    said = ""
    with simulated(
        "--key", KEY, "--latency-ms", "30", "--faults", "error=0.1,rate_limit=0.1,unreadable=0.1"
    ) as url:
        papers, config = write_papers(tmp_path / "papers", 6), config_file(tmp_path, url)
        asked = ["run", str(papers), "--config", str(config), "--out"]
        for key in (WRONG, ""):
            refused = autodata(*asked, "refused", check=4, OPENAI_API_KEY=key)
            said += refused.stdout + refused.stderr
        with subprocess.Popen(
            [sys.executable, "-m", "app", *asked, "out"],
            cwd=tmp_path,
            env={**os.environ, "OPENAI_API_KEY": KEY, "PYTHONPATH": str(ROOT), "LOG_LEVEL": "DEBUG"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            assert process.stdout is not None
            first = process.stdout.readline()
            seen = arguments_of(process.pid)
            said += first + process.stdout.read()
        assert process.returncode == 0, said
        for command in (["show", "out"], ["status", "out"], ["config", "--config", str(config), "--json"]):
            finished = autodata(*command, OPENAI_API_KEY=KEY)
            said += finished.stdout + finished.stderr
    assert b"run" in seen and "accepted" in said and "refused" in said
    for secret in (KEY, WRONG):
        assert secret.encode() not in seen
        assert secret not in said
        assert [place for place, content in left_in(tmp_path) if secret.encode() in content] == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f'api_key_env = "{KEY}"', "`models.default.api_key_env`: must be the name of an environment variable"),
        (f'base_url = "https://me:{KEY}@models.example/v1"', "`models.default.base_url`: must hold no password"),
    ],
)
def test_a_key_in_the_configuration_is_refused_and_not_repeated(
    autodata: Autodata, tmp_path: Path, line: str, said: str
) -> None:
    path = tmp_path / "autodata.toml"
    path.write_text(f'[models.default]\nmodel = "m"\n{line}\n')
    finished = autodata("run", write_papers(tmp_path / "papers", 1), "--out", "o", "--config", path, check=2)
    assert said in finished.stderr
    assert KEY not in finished.stdout + finished.stderr

"""Bad usage: one clear sentence with the mend, the documented exit status, never a traceback."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autodata.documents.formats import SUFFIXES
from tests.conftest import Autodata, config_file, simulated, write_papers

DEAD = "http://127.0.0.1:9/v1"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "nowhere", "--out", "o"], "no file or folder nowhere; check the path"),
        (["run", "empty", "--out", "o"], "empty holds no document; give files or folders of .md"),
        (["run", "papers", "--out", "o", "--domain", "cs_reserch"], "did you mean 'cs_research'?"),
        (["run", "papers", "--out", "o", "--policy", "prosa"], "no policy 'prosa'; known: prose"),
        (["run", "papers", "--out", "o", "--config", "no.toml"], "no configuration file no.toml"),
        (["run", "papers", "--out", "o", "--config", "bad.toml"], "unknown key `polcy`; did you mean `policy`?"),
        (["run", "papers", "--out", "file.txt/o"], "cannot be made"),
        (["run", "papers"], "Missing option '--out'"),
        (["run", "papers", "--out", "o", "--max-calls", "many"], "Invalid value for '--max-calls'"),
        (["run", "papers", "--out", "o", "--no-such-option"], "No such option"),
        (["run", "papers", "--out", "o", "--max-cost", "5"], "--max-cost needs prices: set price_in"),
        (["show", "papers"], "papers holds no run (ledger.db is missing)"),
        (["status", "nowhere"], "nowhere holds no run"),
        (["simulate", "--faults", "hng=1"], "no fault 'hng'; known: empty, error, hang"),
        (["simulate", "--faults", "hang=often"], "fault hang needs a number"),
    ],
)
def test_wrong_usage_exits_2(autodata: Autodata, tmp_path: Path, arguments: list[str], said: str) -> None:
    write_papers(tmp_path / "papers", 1)
    (tmp_path / "empty").mkdir()
    (tmp_path / "file.txt").write_text("a file")
    (tmp_path / "bad.toml").write_text("polcy = 'prose'\n")
    finished = autodata(*arguments, check=2)
    assert said in finished.stderr.replace("\n", " ")


def test_files_that_cannot_be_used_are_reported_by_name(
    autodata: Autodata, simulator: str, tmp_path: Path
) -> None:
    papers = write_papers(tmp_path / "papers", 1)
    text = (papers / "paper000.md").read_text()
    (papers / "twin.md").write_text(text)
    (papers / "empty.md").write_text("")
    (papers / "blank.txt").write_text(" \n\n")
    (papers / "short.md").write_text("too short")
    (papers / "binary.txt").write_bytes(b"\x00\x01\x02" * 200)
    (papers / "picture.png").write_bytes(b"\x89PNG" + b"x" * 500)
    (papers / ".hidden.md").write_text(text)
    finished = autodata("run", papers, "--out", "out", "--config", config_file(tmp_path, simulator))
    skipped = json.loads((tmp_path / "out" / "summary.json").read_text())["skipped"]
    assert {entry["file"]: entry["reason"] for entry in skipped} == {
        "twin.md": "duplicate of paper000.md",
        "empty.md": "empty",
        "blank.txt": "empty",
        "short.md": "too short (9 of 200 characters)",
        "binary.txt": "binary, not text",
        "picture.png": f"not a supported format (supported: {', '.join(SUFFIXES)})",
    }
    assert "skipped empty.md: empty" in finished.stdout


def test_nothing_but_unusable_files_exits_2(autodata: Autodata, simulator: str, tmp_path: Path) -> None:
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "empty.md").write_text("")
    finished = autodata("run", "papers", "--out", "o", "--config", config_file(tmp_path, simulator), check=2)
    assert "none of the 1 files can be used (empty.md: empty)" in finished.stderr


def test_a_dead_endpoint_exits_4_and_the_run_can_be_resumed(
    autodata: Autodata, simulator: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    papers = write_papers(tmp_path / "papers", 2)
    finished = autodata("run", papers, "--out", "o", "--config", config_file(tmp_path, DEAD), check=4)
    assert f"{DEAD} gives no answer" in finished.stdout + finished.stderr
    assert json.loads((tmp_path / "o" / "summary.json").read_text())["accepted"] == 0


def test_a_wrong_key_exits_4_and_names_the_variable_only(autodata: Autodata, tmp_path: Path) -> None:
    with simulated("--key", "right-key") as url:
        papers, config = write_papers(tmp_path / "papers", 2), config_file(tmp_path, url)
        finished = autodata("run", papers, "--out", "o", "--config", config, check=4, OPENAI_API_KEY="wrong-key")
        assert "the key in OPENAI_API_KEY is refused" in finished.stdout
        assert "wrong-key" not in finished.stdout + finished.stderr
        autodata("run", papers, "--out", "o", "--config", config, OPENAI_API_KEY="right-key")
    left = b"".join(path.read_bytes() for path in (tmp_path / "o").iterdir())
    assert b"right-key" not in left and b"wrong-key" not in left


def test_a_missing_key_exits_2(autodata: Autodata, tmp_path: Path) -> None:
    config = config_file(tmp_path, "https://models.example/v1")
    papers = write_papers(tmp_path / "papers", 1)
    finished = autodata("run", papers, "--out", "o", "--config", config, check=2, OPENAI_API_KEY="")
    assert "the environment variable OPENAI_API_KEY is not set" in finished.stderr


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (["--policy", "prose"], "policy was deployed, is prose"),
        (["--seed", "7"], "seed was 0, is 7"),
        (["--max-rounds", "3"], "max_rounds was 15, is 3"),
        (["--domain", "numeric"], "domain was cs_research, is numeric"),
    ],
)
def test_another_run_in_the_same_directory_is_refused_with_the_difference(
    autodata: Autodata, simulator: str, tmp_path: Path, change: list[str], said: str
) -> None:
    papers, config = write_papers(tmp_path / "papers", 1), config_file(tmp_path, simulator)
    autodata("run", papers, "--out", "o", "--config", config)
    assert said in autodata("run", papers, "--out", "o", "--config", config, *change, check=5).stderr


def test_other_documents_in_the_same_directory_are_refused_by_name(
    autodata: Autodata, simulator: str, tmp_path: Path
) -> None:
    papers, config = write_papers(tmp_path / "papers", 2), config_file(tmp_path, simulator)
    autodata("run", papers, "--out", "o", "--config", config)
    (papers / "paper001.md").write_text((papers / "paper001.md").read_text() + "More.")
    finished = autodata("run", papers, "--out", "o", "--config", config, check=5)
    assert "paper001.md was added, removed or changed" in finished.stderr


def test_a_directory_in_use_is_refused_with_the_holders_name(autodata: Autodata, tmp_path: Path) -> None:
    with simulated("--latency-ms", "1500") as url:
        papers, config = write_papers(tmp_path / "papers", 2), config_file(tmp_path, url)
        arguments = ["run", str(papers), "--out", "o", "--config", str(config)]
        with subprocess.Popen(
            [sys.executable, "-m", "app", *arguments, "--quiet"], cwd=tmp_path, stderr=subprocess.DEVNULL
        ) as first:
            while not (tmp_path / "o" / "ledger.db").is_file():
                time.sleep(0.05)
            started = time.monotonic()
            finished = autodata(*arguments, check=5)
            assert f"in use by process {first.pid}" in finished.stderr
            assert time.monotonic() - started < 4
            first.kill()
        autodata(*arguments, "--max-calls", "1", check=3)

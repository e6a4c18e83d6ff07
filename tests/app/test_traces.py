"""`autodata run --trace` and `autodata traces`, as a person uses them."""

import json
from pathlib import Path

import pytest

from tests.conftest import Autodata, config_file, simulated, write_papers

KEY = "sk-not-to-be-seen-8731"
LANGSMITH_KEY = "lsv2_pt_not_to_be_seen"


def test_a_trace_is_printed_as_a_tree_and_no_key_is_in_it(autodata: Autodata, tmp_path: Path) -> None:
    papers = write_papers(tmp_path / "papers", 3)
    with simulated("--key", KEY) as url:
        config = config_file(tmp_path, url)
        keys = {"OPENAI_API_KEY": KEY, "LANGSMITH_API_KEY": LANGSMITH_KEY, "LANGSMITH_ENDPOINT": url}
        autodata("run", papers, "--out", "out", "--config", config, "--trace", **keys)
    rounds = autodata("traces", "out").stdout
    assert rounds.count("Paper ") == 3 and "round 1" in rounds and "accepted" in rounds
    whole = autodata("traces", "out", "--document", "Paper 1").stdout
    for shown in ("challenger", "quality_verifier", "attempt 3", "judge", "sim-weak", "tokens"):
        assert shown in whole
    [told] = json.loads(autodata("traces", "out", "--document", "Paper 1", "--json").stdout)
    assert told["name"] == "self_instruct" and told["runs"][0]["name"] == "round 1"
    assert autodata("traces", "out", "--document", "Paper 9", check=2).stderr.count("\n") == 1
    written = b"".join(path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert KEY.encode() not in written and LANGSMITH_KEY.encode() not in written


def test_a_refused_key_is_in_no_trace(autodata: Autodata, tmp_path: Path) -> None:
    papers = write_papers(tmp_path / "papers", 1)
    with simulated("--key", "another") as url:
        config = config_file(tmp_path, url)
        autodata("run", papers, "--out", "out", "--config", config, "--trace", check=4, OPENAI_API_KEY=KEY)
    files = list((tmp_path / "out" / "traces").iterdir())
    assert files and all(KEY not in path.read_text() for path in files)


@pytest.fixture
def untraced(autodata: Autodata, simulator: str, tmp_path: Path) -> Path:
    papers = write_papers(tmp_path / "papers", 2)
    autodata("run", papers, "--out", "out", "--config", config_file(tmp_path, simulator))
    return tmp_path / "out"


def test_nothing_is_traced_unless_asked_for_and_then_it_replays(
    autodata: Autodata, simulator: str, untraced: Path, tmp_path: Path
) -> None:
    assert not (untraced / "traces").exists()
    assert "--trace" in autodata("traces", "out", check=2).stderr
    before = (untraced / "accepted.jsonl").read_text()
    again = tmp_path / "again"
    again.mkdir()
    (again / "ledger.db").write_bytes((untraced / "ledger.db").read_bytes())
    autodata("run", tmp_path / "papers", "--out", "again", "--config", tmp_path / "autodata.toml", "--trace")
    assert (again / "accepted.jsonl").read_text() == before

"""What a person reads: show, status, config, policies, domains and the graph, and their JSON for scripts."""

import json
from pathlib import Path

import pytest

from tests.conftest import Autodata, config_file, write_papers


@pytest.fixture
def run_dir(autodata: Autodata, simulator: str, tmp_path: Path) -> Path:
    papers = write_papers(tmp_path / "papers", 4)
    autodata("run", papers, "--out", "out", "--config", config_file(tmp_path, simulator))
    return tmp_path / "out"


def test_show_lists_items_and_tells_one_items_whole_story(autodata: Autodata, run_dir: Path) -> None:
    item = json.loads((run_dir / "accepted.jsonl").read_text().splitlines()[0])
    listed = autodata("show", run_dir).stdout
    assert item["id"][:12] in listed and "accepted" in listed
    story = autodata("show", run_dir, item["id"][:8]).stdout
    for part in (item["question"], item["reference_answer"], item["context"], "Round 1", "accepted", "W1", "S3"):
        assert " ".join(part.split()) in " ".join(story.split())
    assert all(f"{number}. Makes point" in story for number in range(1, 10))
    by_file = autodata("show", run_dir, "paper000.md", "--json").stdout
    rounds = json.loads(by_file)
    assert rounds[-1]["failure"] is None
    assert [len(attempt["met"]) for attempt in rounds[-1]["attempts"]] == [12] * 6


def test_show_names_an_unknown_item(autodata: Autodata, run_dir: Path) -> None:
    assert "has no item or document 'zzz'" in autodata("show", run_dir, "zzz", check=2).stderr


def test_show_json_is_the_datasets_lines(autodata: Autodata, run_dir: Path) -> None:
    lines = autodata("show", run_dir, "--json").stdout.splitlines()
    assert all("question" in json.loads(line) for line in lines)


def test_status_tells_how_it_stands(autodata: Autodata, run_dir: Path) -> None:
    assert "4 of 4 documents done, not running" in autodata("status", run_dir).stdout
    status = json.loads(autodata("status", run_dir, "--json").stdout)
    assert (status["files"], status["done"], status["running"], status["documents"]) == (4, 4, None, 4)


def test_status_of_an_unfinished_run_says_what_to_do(autodata: Autodata, simulator: str, tmp_path: Path) -> None:
    papers, config = write_papers(tmp_path / "papers", 4), config_file(tmp_path, simulator)
    autodata("run", papers, "--out", "o", "--config", config, "--max-calls", 5, check=3)
    assert "again to go on" in autodata("status", "o").stdout


def test_config_prints_every_value_and_where_it_came_from(autodata: Autodata, tmp_path: Path) -> None:
    config = config_file(tmp_path, "http://127.0.0.1:1/v1", "[limits]\nconcurrency = 7")
    found = json.loads(autodata("config", "--config", config, "--json").stdout)
    assert found["limits.concurrency"] == {"value": 7, "from": "autodata.toml"}
    assert found["models.weak.model"] == {"value": "sim-weak", "from": "autodata.toml"}
    assert found["models.judge.temperature"] == {"value": 0.0, "from": "default"}
    assert found["policy"] == {"value": "deployed", "from": "domain cs_research"}
    assert "limits.concurrency" in autodata("config", "--config", config).stdout


def test_policies_and_domains_are_listed(autodata: Autodata) -> None:
    policies = json.loads(autodata("policies", "--json").stdout)
    assert set(policies) == {"prose", "deployed", "counts", "legal"}
    assert policies["prose"]["weak"] == "mean < 0.5"
    assert "method reference 5.1" in " ".join(autodata("policies").stdout.split())
    domains = json.loads(autodata("domains", "--json").stdout)
    assert set(domains) >= {"numeric", "cs_research", "legal"}
    assert "cs_research" in autodata("domains").stdout


def test_the_graph_is_drawn(autodata: Autodata) -> None:
    drawn = autodata("graph").stdout
    assert drawn.startswith("graph TD;")
    assert "verify_quality -.-> attempt_weak;" in drawn


def test_help_names_every_command(autodata: Autodata) -> None:
    text = autodata("--help").stdout
    for command in ("run", "demo", "show", "status", "config", "policies", "domains", "graph", "simulate"):
        assert f"\n  {command} " in text

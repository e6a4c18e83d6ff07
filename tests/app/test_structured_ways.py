"""`structured` from end to end: tools, and `auto`, whose finding a run keeps when it goes on."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.app.test_run import answered, outputs
from tests.conftest import Autodata, config_file, simulated, write_papers


@contextmanager
def simulated_without(*ways: str) -> Iterator[str]:
    """A simulated server that answers 400 where an answer's form is asked for by one of these ways."""
    with simulated("--refuse", ",".join(ways)) as url:
        yield url


def with_way(folder: Path, url: str, way: str) -> Path:
    config = config_file(folder, url)
    config.write_text(config.read_text().replace("[models.default]", f'[models.default]\nstructured = "{way}"'))
    return config


def summary(folder: Path) -> Any:
    return json.loads((folder / "summary.json").read_text())


def test_each_way_gives_readable_answers(autodata: Autodata, simulator: str, tmp_path: Path) -> None:
    papers = write_papers(tmp_path / "papers", 3)
    config = with_way(tmp_path, simulator, "tools")
    ways = '[models.challenger]\nstructured = "prompt"\n[models.quality_verifier]\nstructured = "json_object"\n'
    config.write_text(config.read_text() + ways)
    autodata("run", papers, "--out", "out", "--config", config, "--max-rounds", 2)
    calls = summary(tmp_path / "out")["calls"]
    assert all(calls[role]["asked"] > 0 for role in ("challenger", "quality_verifier", "judge"))
    assert all(role["unreadable"] == 0 for role in calls.values())


def test_auto_finds_what_works_and_a_run_that_goes_on_keeps_it(autodata: Autodata, tmp_path: Path) -> None:
    papers = write_papers(tmp_path / "papers", 4)
    with simulated_without("json_schema") as url:
        config = with_way(tmp_path, url, "auto")
        autodata("run", papers, "--out", "out", "--config", config, "--max-calls", 30, check=3)
        asked = answered(url)
    port = url.split(":")[2].split("/")[0]
    with simulated("--port", port):  # the same endpoint, which now takes every way
        autodata("run", papers, "--out", "out", "--config", config)
        again = answered(url)
        autodata("run", papers, "--out", "out", "--config", config)
        assert answered(url) == again
    with sqlite3.connect(tmp_path / "out" / "ledger.db") as ledger:
        found = json.loads(ledger.execute("select value from facts where name = 'structured'").fetchone()[0])
        calls = ledger.execute("select count(*) from calls").fetchone()[0]
    assert set(found.values()) == {"tools"} and len(found) == 3, "one entry an endpoint and model"
    assert asked == 30 and calls == asked + again, "nothing was asked twice"
    assert outputs(tmp_path / "out")[0]


def test_an_endpoint_that_refuses_the_form_is_told_of_with_the_setting(autodata: Autodata, tmp_path: Path) -> None:
    papers = write_papers(tmp_path / "papers", 1)
    with simulated_without("json_schema") as url:
        finished = autodata("run", papers, "--out", "out", "--config", config_file(tmp_path, url), check=4)
    assert "answered 400" in finished.stdout and "set `structured` to" in finished.stdout

"""What all tests share: simulated model servers in processes of their own, and small runs against them."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples" / "documents"

os.environ["LANGSMITH_TRACING"] = "false"
os.environ["LANGSMITH_TEST_TRACKING"] = "false"


@contextmanager
def simulated(*options: str) -> Iterator[str]:
    """A simulated server's base URL, for as long as the block runs."""
    command = [sys.executable, "-m", "app", "simulate", "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        try:
            found = re.search(r"http://\S+", process.stdout.readline())
            assert found, "the simulator did not start"
            yield found[0]
        finally:
            process.kill()


@pytest.fixture(scope="session")
def simulator() -> Iterator[str]:
    """A faultless simulated server."""
    with simulated() as url:
        yield url


def models_at(url: str, **more: Any) -> dict[str, Any]:
    """A configuration's `models` for a simulated server."""
    return {
        "default": {"base_url": url, "model": "sim", **more},
        "weak": {"model": "sim-weak"},
        "strong": {"model": "sim-strong"},
    }


def config_file(folder: Path, url: str, more: str = "") -> Path:
    """A configuration file for a simulated server."""
    path = folder / "autodata.toml"
    path.write_text(
        f'domain = "cs_research"\n{more}\n[models.default]\nbase_url = "{url}"\nmodel = "sim"\n'
        '[models.weak]\nmodel = "sim-weak"\n[models.strong]\nmodel = "sim-strong"\n'
    )
    return path


def write_papers(folder: Path, count: int) -> Path:
    """A folder of distinct small documents."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        sentence = f"Section {number} studies how queue {number} trades latency against throughput. "
        (folder / f"paper{number:03d}.md").write_text(f"# Paper {number}\n\n{sentence * 8}\n")
    return folder


Autodata = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def autodata(tmp_path: Path) -> Autodata:
    """Runs the command line in a process of its own, as a person would."""

    def run(*arguments: object, check: int | None = 0, **environment: str) -> subprocess.CompletedProcess[str]:
        finished = subprocess.run(
            [sys.executable, "-m", "app", *map(str, arguments)],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={**os.environ, "COLUMNS": "160", "AUTODATA_HOME": str(tmp_path / "home"), **environment},
            check=False,
        )
        if check is not None:
            assert finished.returncode == check, f"{finished.returncode}\n{finished.stdout}\n{finished.stderr}"
            assert "Traceback" not in finished.stderr
        return finished

    return run

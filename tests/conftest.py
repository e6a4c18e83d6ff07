"""What all tests share: simulated model servers in processes of their own, and small runs against them."""

import contextlib
import gc
import io
import os
import re
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from app.main import main
from autodata.prompting import load_domain

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples" / "documents"

os.environ["COLUMNS"] = "160"
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
    """Runs the command line as a person would, in this process: starting one takes longer than most commands.

    A test that kills, interrupts or watches a run starts `python -m app` itself.
    """

    def run(*arguments: object, check: int | None = 0, **environment: str) -> subprocess.CompletedProcess[str]:
        given = {"AUTODATA_HOME": str(tmp_path / "home"), **environment}
        out, err = io.StringIO(), io.StringIO()
        argv = ["autodata", *map(str, arguments)]
        load_domain.cache_clear()  # a process reads a domain once, and here the next command follows in it
        with (
            mock.patch.dict(os.environ, given),
            mock.patch.object(sys, "argv", argv),
            contextlib.chdir(tmp_path),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            status = _status_of(main)
        finished = subprocess.CompletedProcess(argv, status, out.getvalue(), err.getvalue())
        if check is not None:
            assert finished.returncode == check, f"{finished.returncode}\n{finished.stdout}\n{finished.stderr}"
            assert "Traceback" not in finished.stderr
        return finished

    return run


def _status_of(command: Callable[[], None]) -> int:
    """The exit status that a process running `command` would have had."""
    try:
        command()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    finally:
        gc.unfreeze()  # a run freezes what it finds, and here the next one follows in the same process
    return 0

"""What the rows are measured with: distinct documents, a simulated server and campaigns, each in its process."""

import json
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

DOCUMENT_CHARS = 6_000
_WORDS = 4_000
"""Size of the vocabulary: the documents must not compress better than English does."""


@lru_cache
def _vocabulary() -> tuple[str, ...]:
    source = random.Random(0)
    letters = "etaoinshrdlucmfwypvbgk"
    return tuple("".join(source.choices(letters, k=source.randint(2, 10))) for _ in range(_WORDS))


def write_documents(folder: Path, count: int) -> Path:
    """That many distinct documents of DOCUMENT_CHARS, the same ones each time."""
    folder.mkdir(parents=True)
    for number in range(count):
        source = random.Random(number)
        words = source.choices(_vocabulary(), weights=range(_WORDS, 0, -1), k=DOCUMENT_CHARS // 7)
        (folder / f"document{number:05d}.md").write_text(f"# Document {number}\n\n{' '.join(words)}\n")
    return folder


@contextmanager
def simulator(latency_ms: float) -> Iterator[str]:
    """The base URL of a simulated server in a process of its own."""
    command = [sys.executable, "-m", "evals.bench.serve", str(latency_ms)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline())
        try:
            if not found:
                raise RuntimeError("the simulated server did not start")
            yield found[0]
        finally:
            process.kill()


def configuration(url: str, concurrency: int, max_rounds: int = 15, max_concurrency: int = 512) -> dict[str, Any]:
    """Settings for a simulated server whose own limit of calls in flight is out of the way."""
    default = {"base_url": url, "model": "sim", "max_concurrency": max_concurrency}
    return {
        "domain": "cs_research",
        "models": {"default": default, "weak": {"model": "sim-weak"}, "strong": {"model": "sim-strong"}},
        "limits": {"concurrency": concurrency, "max_rounds": max_rounds},
    }


def campaign(papers: Path, out: Path, given: dict[str, Any]) -> dict[str, Any]:
    """What `evals.bench.campaign` measured, in a process of its own."""
    command = [sys.executable, "-m", "evals.bench.campaign", str(papers), str(out), json.dumps(given)]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    if finished.returncode:
        raise RuntimeError(f"a campaign failed: {finished.stderr.strip()[-600:]}")
    found: dict[str, Any] = json.loads(finished.stdout.splitlines()[-1])
    return found

"""What is handed to those who deploy: the image definition and the compose file hold what a server needs."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT


def test_langgraph_dockerfile_holds_the_project_its_graphs_and_its_guard(tmp_path: Path) -> None:
    path = tmp_path / "Dockerfile"
    command = [sys.executable, "-m", "langgraph_cli", "dockerfile", str(path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    text = path.read_text()
    found = {name: json.loads(value) for name, value in re.findall(r"^ENV (\w+)='(.*)'$", text, re.MULTILINE)}
    assert re.search(r"^FROM langchain/langgraph-api:\S*3\.1\d", text, re.MULTILINE)
    assert "ADD . /deps/" in text and "pip install" in text
    assert "self_instruct" in found["LANGSERVE_GRAPHS"]
    assert found["LANGGRAPH_AUTH"]["path"].endswith("graphs/auth.py:auth")
    assert found["LANGGRAPH_AUTH"]["disable_studio_auth"] is True, "else a header alone opens the server"
    assert found["LANGGRAPH_CHECKPOINTER"]["path"].endswith("graphs/checkpointer.py:make")
    assert not re.search(r"(?i)(key|token|secret)\s*=", text)


def test_the_cluster_opens_one_port_on_this_machine_alone_and_needs_a_token() -> None:
    text = (ROOT / "deploy" / "compose.yaml").read_text()
    assert re.findall(r"ports: (.*)", text) == ['["127.0.0.1:2026:2026"]']
    assert "${AUTODATA_SERVER_TOKEN:?" in text
    assert {"postgres:", "redis:", "front:", "worker:"} <= {line.strip() for line in text.splitlines()}


@pytest.mark.parametrize("file", ["graphs", "auth", "checkpointer"])
def test_langgraph_json_names_files_that_are_there(file: str) -> None:
    config = json.loads((ROOT / "langgraph.json").read_text())
    entry = config[file]
    for path in entry.values() if file == "graphs" else [entry["path"]]:
        assert (ROOT / path.split(":")[0]).is_file()

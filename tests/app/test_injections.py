"""Instructions in documents, against models that obey them all: they reach nothing but their own item."""

import hashlib
import json
import urllib.request
from pathlib import Path
from typing import Any

from app.rundir import reading, run_of
from autodata.acceptance import POLICIES, decide
from autodata.ledger.views import rounds_of
from tests.app.injections import INJECTIONS
from tests.app.test_run import lines
from tests.conftest import ROOT, Autodata, config_file, simulated, write_papers

FILES = {"manifest.json", "ledger.db", "accepted.jsonl", "rejected.jsonl", "summary.json"}
CLEAN = 5


def state_of(folder: Path) -> dict[str, str]:
    """Every file under a folder, with its hash."""
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def obeyed(url: str) -> dict[str, int]:
    with urllib.request.urlopen(url.replace("/v1", "/stats")) as response:
        found: dict[str, int] = json.load(response)["obeyed"]
    return found


def of(found: list[dict[str, Any]], documents: set[str]) -> list[dict[str, Any]]:
    return [line for line in found if line["document_id"] in documents]


def test_no_instruction_in_a_document_reaches_beyond_its_own_item(autodata: Autodata, tmp_path: Path) -> None:
    assert len(INJECTIONS) >= 20
    papers = write_papers(tmp_path / "papers", CLEAN)
    before = state_of(ROOT / "prompts")
    with simulated("--obedient") as url:
        config = config_file(tmp_path, url, '[loop]\nfeedback = "diagnosis"\n[limits]\nmax_rounds = 3')
        autodata("run", papers, "--out", "clean", "--config", config)
        assert obeyed(url) == {}
        for number, (name, attack) in enumerate(INJECTIONS.items()):
            # Between the others, by name: an attacked document is in flight beside them.
            text = f"# {name}\n\nQueue {number} trades latency against throughput. {attack}\n"
            (papers / f"paper{number % CLEAN:03d}-attack{number:02d}.md").write_text(text + "It does so. " * 20)
        finished = autodata("run", papers, "--out", "attacked", "--config", config)
        roles = obeyed(url)
    assert set(roles) == {"challenger", "quality_verifier", "solver", "judge", "orchestrator"}
    assert roles["challenger"] >= len(INJECTIONS) - 5, "the instructions arrived"
    clean, attacked = tmp_path / "clean", tmp_path / "attacked"
    assert {path.name for path in attacked.iterdir()} - {".lock"} == FILES
    assert {path.name for path in tmp_path.iterdir()} == {"papers", "clean", "attacked", "autodata.toml"}
    assert state_of(ROOT / "prompts") == before
    _the_others_are_untouched(clean, attacked)
    _every_verdict_is_the_policys(attacked)
    looked_at = [line["document_id"] for line in lines(attacked / "rejected.jsonl") if "owned" in str(line)]
    shown = finished.stdout + "".join(autodata("show", "attacked", document).stdout for document in looked_at[-2:])
    assert "[/red]" in shown
    # docs/security.md says what an attack can do: it spoils its own document's item, as here.
    assert any("<<solver@sim-weak" in line["context"] for line in lines(attacked / "accepted.jsonl"))
    assert not {letter for letter in shown if not letter.isprintable()} - {"\n"}, "nothing that a terminal obeys"


def _the_others_are_untouched(clean: Path, attacked: Path) -> None:
    """Documents without instructions get, byte for byte, what they get without the others beside them."""
    for file in ("accepted.jsonl", "rejected.jsonl"):
        alone = lines(clean / file)
        documents = {
            line["document_id"] for name in ("accepted.jsonl", "rejected.jsonl") for line in lines(clean / name)
        }
        assert of(lines(attacked / file), documents) == alone
    decided = ("domain", "prompt_set", "policy", "policy_hash", "attempts", "max_rounds", "models")
    manifests = [json.loads((folder / "manifest.json").read_text()) for folder in (clean, attacked)]
    assert [manifests[0][key] for key in decided] == [manifests[1][key] for key in decided]


def _every_verdict_is_the_policys(run: Path) -> None:
    """Each line belongs to a document that is there, and follows from the judge's booleans by the policy alone."""
    policy = POLICIES["deployed"]
    with reading(run) as ledger:
        views = {(view.document, view.round): view for view in rounds_of(ledger, run_of(ledger))}
    for file in ("accepted.jsonl", "rejected.jsonl"):
        for line in lines(run / file):
            view = views[line["document_id"], line["round"]]
            assert line["provenance"]["policy_hash"] == policy.hash
            weak, strong = view.scores("weak"), view.scores("strong")
            if file == "accepted.jsonl":
                assert len(line["rubric"]) >= 10
                assert decide(policy, weak, strong).accepted
            elif strong and line["failure"] != "failed_qv":
                assert not decide(policy, weak, strong).accepted

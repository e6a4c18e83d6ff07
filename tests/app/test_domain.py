"""A domain of one's own: a skeleton that works at once, a check that names each mistake, and a folder anywhere."""

import asyncio
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from app.main import main
from autodata.documents.sources import find_sources
from autodata.domains import FORMS
from autodata.errors import UsageError
from autodata.prompting import domain_homes, load_domain
from autodata.settings import configure
from graphs.run import Plan, run_directory
from tests.conftest import ROOT, Autodata, config_file, models_at, write_papers

SKELETON = ROOT / "examples" / "domain"


class Said(NamedTuple):
    """How a command ended, and what it printed."""

    status: int
    out: str
    err: str


Typed = Callable[..., Said]


@pytest.fixture
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Typed:
    """Runs a command in this process: a process of its own takes a second to start."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")

    def run(*arguments: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["autodata", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        return Said(int(ended.value.code or 0), *capsys.readouterr())

    return run


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A domain fresh from the skeleton."""
    return Path(shutil.copytree(SKELETON, tmp_path / "own" / "mine"))


def test_a_new_domain_works_at_once(autodata: Autodata, typed: Typed, simulator: str, tmp_path: Path) -> None:
    assert typed("domain", "new", "mine", "--domains", "own").status == 0
    checked = typed("domain", "check", "mine", "--domains", "own")
    assert checked.status == 0 and "mine is complete: 6 prompts, policy deployed" in checked.out
    papers, config = write_papers(tmp_path / "papers", 3), config_file(tmp_path, simulator)
    wanted = ["run", papers, "--out", "out", "--config", config, "--domain", "mine", "--domains", "own"]
    autodata(*wanted)
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert (summary["documents"], summary["invalid"]) == (3, 0) and summary["accepted"] > 0
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert (manifest["domain"], manifest["domains"]) == ("mine", str(tmp_path / "own"))
    (tmp_path / "own").rename(tmp_path / "moved")
    autodata(*wanted[:-1], "moved")
    (tmp_path / "moved" / "mine" / "solver.md").write_text("# User\n{{context}} {{question}}\n")
    assert "prompt_set was" in autodata(*wanted[:-1], "moved", check=5).stderr


def test_a_domain_is_not_written_over(typed: Typed, mine: Path) -> None:
    (mine / "judge.md").write_text("mine\n")
    again = typed("domain", "new", "mine", "--domains", "own")
    assert again.status == 2 and "own/mine is already there" in again.err
    assert (mine / "judge.md").read_text() == "mine\n"
    assert "is no name for a domain" in typed("domain", "new", "../up").err


def test_the_folder_is_found_from_the_configuration_and_the_environment(
    typed: Typed, tmp_path: Path, mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "conf").mkdir()
    config = config_file(tmp_path / "conf", "http://127.0.0.1:9/v1", more='domains = "../own"')
    config.write_text(config.read_text().replace("cs_research", "mine"))
    shown = json.loads(typed("config", "--config", config, "--json").out)
    assert shown["domains"] == {"value": str(tmp_path / "own"), "from": "autodata.toml"}
    assert "mine" in json.loads(typed("domains", "--domains", "own", "--json").out)
    assert "verify_quality" in typed("graph", "--domain", "mine", "--domains", "own").out
    assert "known" in typed("graph", "--domain", "mine").err
    monkeypatch.setenv("AUTODATA_DOMAINS", "own")
    shown = json.loads(typed("config", "--domain", "mine", "--json").out)
    assert shown["domains"]["from"] == "AUTODATA_DOMAINS" and shown["policy"]["from"] == "domain mine"


def test_the_prompts_are_shown_filled_with_a_document(typed: Typed, tmp_path: Path, mine: Path) -> None:
    (tmp_path / "note.md").write_text("# A note on tides\n\n" + "The moon pulls the sea. " * 200)
    check = ("domain", "check", "mine", "--domains", "own")
    shown = typed(*check, "--document", "note.md").out
    for role in FORMS:
        assert f"===== {role}.md" in shown
    assert "The moon pulls the sea." in shown and "characters more" in shown and "{{" not in shown
    one = typed(*check, "--role", "judge").out
    assert "===== judge.md" in one and "===== solver.md" not in one
    assert "has no role 'jugde'" in typed(*check, "--role", "jugde").err
    assert "no file no.md" in typed(*check, "--document", "no.md").err


@pytest.mark.parametrize("name", domain_homes())
def test_a_built_in_domain_is_complete(typed: Typed, name: str) -> None:
    assert typed("domain", "check", name).status == 0


def edit(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change(home: Path) -> None:
        text = (home / name).read_text()
        assert old in text
        (home / name).write_text(text.replace(old, new))

    return change


MISTAKES: dict[str, tuple[Callable[[Path], object], list[str]]] = {
    "a role is missing": (
        lambda home: (home / "judge.md").unlink(),
        ["mine: `judge.md` is missing; it decides each criterion for one answer"],
    ),
    "a role that nobody asks": (
        lambda home: (home / "jugde.md").write_text("# User\nHello\n"),
        ["mine/jugde.md: there is no role `jugde`; did you mean `judge`?"],
    ),
    "a section is missing": (
        edit("feedback.md", "# closing", "## closing"),
        ["mine/feedback.md: the section `# closing` is missing"],
    ),
    "a section is misspelt": (
        edit("solver.md", "# User", "# Usr"),
        ["mine/solver.md: the section `# User` is missing", "`# Usr` is no section; did you mean `# user`?"],
    ),
    "a section that nobody reads": (
        edit("judge.md", "# User", "# Audit\nLook.\n\n# User"),
        ["mine/judge.md: the section `# audit` is read by nobody"],
    ),
    "text before the first heading": (
        edit("solver.md", "# System", "Be brief.\n# System"),
        ['mine/solver.md: the text before the first heading is sent to nobody: "Be brief."'],
    ),
    "an unknown placeholder": (
        edit("challenger.md", "\n{{document}}\n", "\n{{documnt}}\n"),
        [
            "mine/challenger.md: unknown placeholder `{{documnt}}` in `# user`; did you mean `document`?",
            "mine/challenger.md: it never shows `{{document}}`, the document's text",
        ],
    ),
    "a placeholder with spaces": (
        edit("solver.md", "\n{{context}}\n", "\n{{ context }}\n{{context}}\n"),
        ["mine/solver.md: `{{ context }}` is sent as it is; write `{{context}}`"],
    ),
    "the solver is shown the answer": (
        edit("solver.md", "\n{{question}}\n", "\n{{question}}\n{{reference_answer}}\n"),
        ["mine/solver.md: `{{reference_answer}}` may not be shown here (`# user`); allowed: context, question"],
    ),
    "the judge is shown the reference": (
        edit("judge.md", "\n{{rubric}}\n", "\n{{rubric}}\n{{reference_answer}}\n"),
        ["judge.md: `{{reference_answer}}` may not be shown here (`# user`); allowed: context, question, "],
    ),
    "the style has no rules": (
        edit("challenger.md", "# Mixed\n", "# Positive_only\n"),
        ["`{{rubric_rules}}` needs a section `# Mixed`", "stands there twice"],
    ),
    "a wrong key": (
        edit("domain.toml", "context_chars =", "context_char ="),
        ["domain.toml: unknown key `context_char`; did you mean `context_chars`?"],
    ),
    "two wrong values": (
        edit("domain.toml", 'verifier = "rubric"', 'verifier = "magic"\nchecks2 = []'),
        ["domain.toml: `verifier`: input should be 'rubric'", "unknown key `checks2`; did you mean `checks`?"],
    ),
    "a wrong setting": (
        edit("domain.toml", "max_rounds = 15", "max_round = 15"),
        ["domain mine: unknown key `limits.max_round`; did you mean `max_rounds`?"],
    ),
    "no TOML": (edit("domain.toml", "[rubric]", "[rubric"), ["domain.toml is no readable TOML"]),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_by_the_check_and_before_a_run_asks_anything(
    typed: Typed, tmp_path: Path, mine: Path, mistake: str
) -> None:
    break_it, said = MISTAKES[mistake]
    break_it(mine)
    checked = typed("domain", "check", "mine", "--domains", "own")
    assert checked.status == 2 and all(sentence in checked.err for sentence in said), checked.err
    sources = find_sources([write_papers(tmp_path / "papers", 1)])
    given: dict[str, Any] = {"domain": "mine", "domains": "own", "models": models_at("http://127.0.0.1:9/v1")}
    with pytest.raises(UsageError) as begun:  # no server: nothing may be asked
        asyncio.run(run_directory(Plan(tmp_path / "o", configure(None, given).settings, sources)))
    assert said[0] in str(begun.value)
    assert not (tmp_path / "o").exists(), "the mended domain can use the same directory"


@pytest.mark.parametrize(
    ("folder", "said"),
    [("own/mine", "is itself a domain; give the folder that holds it"), ("nowhere", "nowhere holds no domain")],
)
def test_a_folder_that_holds_no_domain_is_refused(typed: Typed, mine: Path, folder: str, said: str) -> None:
    refused = typed("domain", "check", "mine", "--domains", folder)
    assert refused.status == 2 and said in refused.err


def test_an_advisers_prompt_is_needed_only_where_it_is_asked(typed: Typed, mine: Path) -> None:
    (mine / "orchestrator.md").unlink()
    check = ("domain", "check", "mine", "--domains", "own")
    assert typed(*check).status == 0
    load_domain.cache_clear()
    edit("domain.toml", 'feedback = "list"', 'feedback = "diagnosis"')(mine)
    assert "`orchestrator.md` is missing" in typed(*check).err


def test_a_domain_of_ones_own_hides_a_built_in_one_of_the_same_name(tmp_path: Path) -> None:
    (tmp_path / "numeric").mkdir()
    (tmp_path / "numeric" / "domain.toml").touch()
    homes = domain_homes(tmp_path)
    assert homes["numeric"] == tmp_path / "numeric" and "cs_research" in homes


def test_the_skeleton_explains_every_placeholder_of_every_role() -> None:
    for role, form in FORMS.items():
        text = (SKELETON / f"{role}.md").read_text()
        for name in (*form.placeholders, *(name for more in form.apart.values() for name in more)):
            comments = text.partition("-->")[0] if name in form.placeholders else text
            assert f"{{{{{name}}}}}" in comments, (role, name)

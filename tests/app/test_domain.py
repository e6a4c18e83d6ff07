"""A domain of one's own: a skeleton that works at once, a check that names each mistake, and a folder anywhere."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from autodata.domains import FORMS
from autodata.prompting import domain_homes
from tests.conftest import ROOT, Autodata, config_file, write_papers

SKELETON = ROOT / "examples" / "domain"


@pytest.fixture
def mine(autodata: Autodata, tmp_path: Path) -> Path:
    """A domain fresh from the skeleton."""
    autodata("domain", "new", "mine", "--domains", "own")
    return tmp_path / "own" / "mine"


def test_a_new_domain_works_at_once(autodata: Autodata, simulator: str, tmp_path: Path, mine: Path) -> None:
    checked = autodata("domain", "check", "mine", "--domains", "own")
    assert "mine is complete: 6 prompts, policy deployed" in checked.stdout
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


def test_a_domain_is_not_written_over(autodata: Autodata, mine: Path) -> None:
    (mine / "judge.md").write_text("mine\n")
    assert "is already there" in autodata("domain", "new", "mine", "--domains", "own", check=2).stderr
    assert (mine / "judge.md").read_text() == "mine\n"
    assert "is no name for a domain" in autodata("domain", "new", "../up", check=2).stderr


def test_the_folder_is_found_from_the_configuration_and_the_environment(
    autodata: Autodata, simulator: str, tmp_path: Path, mine: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    config = config_file(tmp_path, simulator, more='domains = "own"')
    config.write_text(config.read_text().replace("cs_research", "mine"))
    shown = json.loads(autodata("config", "--config", config, "--json").stdout)
    assert shown["domains"] == {"value": str(tmp_path / "own"), "from": "autodata.toml"}
    shown = json.loads(autodata("config", "--domain", "mine", "--json", AUTODATA_DOMAINS="own").stdout)
    assert shown["domains"]["from"] == "AUTODATA_DOMAINS" and shown["policy"]["from"] == "domain mine"
    assert "mine" in json.loads(autodata("domains", "--domains", "own", "--json").stdout)
    assert "verify_quality" in autodata("graph", "--domain", "mine", "--domains", "own").stdout
    assert "known" in autodata("graph", "--domain", "mine", check=2).stderr


def test_the_prompts_are_shown_filled_with_a_document(autodata: Autodata, tmp_path: Path, mine: Path) -> None:
    (tmp_path / "note.md").write_text("# A note on tides\n\n" + "The moon pulls the sea. " * 200)
    shown = autodata("domain", "check", "mine", "--domains", "own", "--document", "note.md").stdout
    for role in FORMS:
        assert f"===== {role}.md" in shown
    assert "The moon pulls the sea." in shown and "characters more" in shown and "{{" not in shown
    one = autodata("domain", "check", "mine", "--domains", "own", "--role", "judge").stdout
    assert "===== judge.md" in one and "===== solver.md" not in one
    assert "has no role 'jugde'" in autodata("domain", "check", "mine", "--domains", "own", "--role", "jugde", check=2).stderr  # fmt: skip
    assert "no file no.md" in autodata("domain", "check", "numeric", "--document", "no.md", check=2).stderr


def edit(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change(home: Path) -> None:
        text = (home / name).read_text()
        assert old in text
        (home / name).write_text(text.replace(old, new))

    return change


MISTAKES = {
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
        ["mine/judge.md: `{{reference_answer}}` may not be shown here (`# user`); allowed: context, question, rubric, answer"],
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
    autodata: Autodata, tmp_path: Path, mine: Path, mistake: str
) -> None:
    break_it, said = MISTAKES[mistake]
    break_it(mine)
    checked = autodata("domain", "check", "mine", "--domains", "own", check=2).stderr
    assert all(sentence in checked for sentence in said), checked
    papers = write_papers(tmp_path / "papers", 1)
    config = config_file(tmp_path, "http://127.0.0.1:9/v1")  # no server: nothing may be asked
    begun = autodata(
        "run", papers, "--out", "o", "--config", config, "--domain", "mine", "--domains", "own", check=2
    )
    assert said[0] in begun.stderr
    assert not (tmp_path / "o" / "manifest.json").exists(), "the mended domain can use the same directory"


@pytest.mark.parametrize(
    ("folder", "said"),
    [
        ("own/mine", "is itself a domain; give the folder that holds it"),
        ("nowhere", "nowhere holds no domain"),
    ],
)
def test_a_folder_that_holds_no_domain_is_refused(autodata: Autodata, mine: Path, folder: str, said: str) -> None:
    assert said in autodata("domain", "check", "mine", "--domains", folder, check=2).stderr.replace("\n", " ")


def test_an_advisers_prompt_is_needed_only_where_it_is_asked(autodata: Autodata, mine: Path) -> None:
    (mine / "orchestrator.md").unlink()
    autodata("domain", "check", "mine", "--domains", "own")
    edit("domain.toml", 'feedback = "list"', 'feedback = "diagnosis"')(mine)
    assert "`orchestrator.md` is missing" in autodata("domain", "check", "mine", "--domains", "own", check=2).stderr


def test_a_domain_of_ones_own_hides_a_built_in_one_of_the_same_name(tmp_path: Path) -> None:
    (tmp_path / "numeric").mkdir()
    (tmp_path / "numeric" / "domain.toml").touch()
    homes = domain_homes(tmp_path)
    assert homes["numeric"] == tmp_path / "numeric" and "cs_research" in homes


def test_the_skeleton_explains_every_placeholder_of_every_role() -> None:
    for role, form in FORMS.items():
        text = (SKELETON / f"{role}.md").read_text()
        for name in (*form.placeholders, *(name for more in form.apart.values() for name in more)):
            assert f"{{{{{name}}}}}" in text.partition("-->")[0] or name in form.apart.get("advice", {}), (role, name)

"""Prompt files: sections, logic-less placeholders that carry data safely, hashes, and the built-in domains."""

from pathlib import Path

import pytest

from autodata.errors import UsageError
from autodata.prompting import Prompt, domain_homes, load_domain

FILE = """<!-- a note
over lines -->
# System
Be {{mood}}.

# User
## Not a section
{{document}}

# Assistant
Example.

# User
Now {{question}}

# Feedback
Failed: {{feedback}}
"""


def test_sections_become_a_chat_in_their_order() -> None:
    chat = Prompt.parse("p", FILE).messages({"mood": "brief", "document": "D", "question": "Q", "feedback": "F"})
    assert [(message.speaker, message.text) for message in chat] == [
        ("system", "Be brief."),
        ("user", "## Not a section\nD"),
        ("assistant", "Example."),
        ("user", "Now Q"),
    ]


def test_further_sections_are_appended_to_the_last_user_message() -> None:
    values = {"mood": "m", "document": "D", "question": "Q", "feedback": "F"}
    chat = Prompt.parse("p", FILE).messages(values, "feedback", "absent")
    assert chat[-1].text == "Now Q\n\nFailed: F"


def test_a_value_is_never_searched_for_placeholders() -> None:
    chat = Prompt.parse("p", "# User\n{{document}} {{secret}}").messages({"document": "{{secret}}", "secret": "s"})
    assert chat[0].text == "{{secret}} s"
    assert chat[0].parts == ("{{secret}}", " ", "s")


def test_a_missing_value_is_an_error() -> None:
    with pytest.raises(KeyError, match="mood"):
        Prompt.parse("p", FILE).messages({})


def test_placeholders_are_listed() -> None:
    assert Prompt.parse("p", FILE).placeholders == {"mood", "document", "question", "feedback"}


def make_domain(folder: Path, system: str = "S", toml: str = 'title = "T"\nverifier = "rubric"\n') -> Path:
    (folder / "d").mkdir(parents=True)
    (folder / "d" / "domain.toml").write_text(toml)
    (folder / "d" / "judge.md").write_text(f"# System\n{system}\n")
    return folder


def test_any_change_of_a_prompt_changes_the_hash(tmp_path: Path) -> None:
    one = load_domain("d", make_domain(tmp_path / "a"))
    same = load_domain("d", make_domain(tmp_path / "b"))
    other = load_domain("d", make_domain(tmp_path / "c", system="S!"))
    assert one.hash == same.hash != other.hash


def test_a_mistake_in_domain_toml_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"domain\.toml"):
        load_domain("d", make_domain(tmp_path, toml='title = "T"\nverifier = "magic"\n'))


def test_a_missing_prompt_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"domain `d` has no prompt `solver\.md`"):
        load_domain("d", make_domain(tmp_path)).prompt("solver")


# What the prompts of a graph with roles of its own may use; `autodata/domains.py` knows those of the others.
KNOWN = {
    "challenger": {
        "fence",
        "feedback",
        "criteria_min",
        "criteria_max",
        "document_type",
        "topics",
        "issues",
        "facts",
        "holdings",
        "question",
        "packet",
    },
    "extractor": {"title", "document", "fence"},
    "loop_judge": {"question", "packet", "change", "earlier", "attempts"},
    "solver": {"context", "question"},
    "judge": {"answer", "context", "question", "rubric"},
    "feedback": {"verdict_reason", "suggestion"},
}


def test_the_legal_prompts_use_known_placeholders_only() -> None:
    for role, prompt in load_domain("legal").prompts.items():
        assert prompt.placeholders <= KNOWN[role], role


@pytest.mark.parametrize("name", domain_homes())
def test_solvers_see_context_and_question_only_and_the_judge_no_reference(name: str) -> None:
    domain = load_domain(name)
    assert domain.prompt("solver").placeholders == {"context", "question"}
    if "judge" in domain.prompts:
        assert domain.prompt("judge").placeholders == {"context", "question", "rubric", "answer"}

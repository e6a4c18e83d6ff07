"""Candidates: the same content has the same name, and a diff brings git from one to the other exactly."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autodata.errors import UsageError
from autodata.optimizer.candidates import PromptSet

# Line ends of every kind, and characters that Python, but not git, takes for line ends.
TEXT = st.lists(st.sampled_from(["a", "b", "", "same", "x\r", "x\u2028y", "\x0c", "\u00e9"]), max_size=8).map(
    "\n".join
)
FILES = st.fixed_dictionaries({"challenger.md": TEXT, "feedback.md": TEXT})


def apply(folder: Path, diff: str, *options: str) -> None:
    subprocess.run(["git", "apply", *options], input=diff.encode(), cwd=folder, check=True, capture_output=True)


@settings(max_examples=25, deadline=None)
@given(before=FILES, after=FILES)
def test_git_applies_a_diff_and_takes_it_back(
    tmp_path_factory: pytest.TempPathFactory, before: dict[str, str], after: dict[str, str]
) -> None:
    folder = tmp_path_factory.mktemp("prompts")
    baseline, candidate = PromptSet(before), PromptSet(after)
    baseline.write(folder)
    assert PromptSet.read(folder) == baseline
    diff = candidate.diff(baseline)
    assert (diff == "") == (before == after) == (baseline.id == candidate.id)
    if diff:
        apply(folder, diff)
        assert PromptSet.read(folder) == candidate
        apply(folder, diff, "-R")
        assert PromptSet.read(folder) == baseline


def test_a_diff_applies_in_the_prompts_folder_of_a_repository(tmp_path: Path) -> None:
    folder = tmp_path / "prompts" / "legal"
    baseline = PromptSet({"challenger.md": "one\ntwo\n", "solver.md": "fixed\n"})
    baseline.write(folder)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    candidate = PromptSet({**baseline.files, "challenger.md": "one\n2\n"})
    apply(folder, candidate.diff(baseline))
    assert PromptSet.read(folder) == candidate
    apply(tmp_path, candidate.diff(baseline), "-R", "--directory", "prompts/legal")
    assert PromptSet.read(folder) == baseline


def test_a_link_is_neither_read_nor_written_through(tmp_path: Path) -> None:
    outside = tmp_path / "outside.md"
    outside.write_text("not yours")
    folder = tmp_path / "prompts"
    folder.mkdir()
    (folder / "challenger.md").symlink_to(outside)
    with pytest.raises(UsageError, match="symbolic link"):
        PromptSet.read(folder)
    for name in ("challenger.md", "../outside.md"):
        with pytest.raises(UsageError, match="plain file"):
            PromptSet({name: "mine"}).write(folder)
    assert outside.read_text() == "not yours"


def test_a_set_with_other_files_is_no_candidate() -> None:
    with pytest.raises(ValueError):
        PromptSet({"a.md": ""}).diff(PromptSet({"b.md": ""}))

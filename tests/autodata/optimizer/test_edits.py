"""Applying an answer: exactly, or not at all with a reason; a diff and its search/replace twin do the same."""

import difflib

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from autodata.optimizer.answers import EditAnswer, ImplementerAnswer
from autodata.optimizer.candidates import PromptSet
from autodata.optimizer.edits import EditError, apply_answer

FILES = {"challenger.md": "# System\nAsk one thing.\nBe exact.\nBe exact.\n", "feedback.md": "# closing\nAgain.\n"}


def answer(*edits: tuple[str, str, str], diff: str = "") -> ImplementerAnswer:
    made = [EditAnswer(file=file, search=search, replace=replace) for file, search, replace in edits]
    return ImplementerAnswer(summary="s", rationale="r", edits=made, diff=diff)


def test_edits_are_applied_in_order_and_exactly() -> None:
    first, second = ("challenger.md", "one thing", "two things"), ("challenger.md", "two things.", "two.\nOnly.")
    changed = apply_answer(FILES, answer(first, second))
    assert changed["challenger.md"] == "# System\nAsk two.\nOnly.\nBe exact.\nBe exact.\n"
    assert changed["feedback.md"] == FILES["feedback.md"]


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (("challenger.md", "Be exact.", "x"), "stands 2 times"),
        (("challenger.md", "ask one thing", "x"), "does not stand"),
        (("challenger.md", "Ask one thing.\r\n", "x"), "does not stand"),
        (("challenger.md", "", "x"), "empty search"),
        (("challenger.md", "Ask", "Ask"), "changes nothing"),
        (("solver2.md", "Ask", "x"), "no file"),
        (("../challenger.md", "Ask", "x"), "no file"),
        (("/etc/passwd", "root", "x"), "no file"),
        (("prompts/challenger.md", "Ask", "x"), "no file"),
        (("challenger.md\u200b", "Ask", "x"), "no file"),
    ],
)
def test_what_does_not_apply_is_refused_whole_with_its_reason(edit: tuple[str, str, str], reason: str) -> None:
    with pytest.raises(EditError, match=reason):
        apply_answer(
            FILES, answer(("feedback.md", "Again.", "Once more."), edit) if reason[0] != "c" else answer(edit)
        )


def diff_of(before: dict[str, str], after: dict[str, str]) -> str:
    return PromptSet(after).diff(PromptSet(before))


LINES = st.lists(st.sampled_from(["a", "b", "c", "", "-- x", "++ y", "@@ z"]), min_size=1, max_size=14)


@given(LINES, LINES, st.booleans(), st.booleans())
def test_a_diff_brings_exactly_what_it_was_made_from(
    before: list[str], after: list[str], end: bool, other_end: bool
) -> None:
    old = {"challenger.md": "\n".join(before) + "\n" * end}
    new = {"challenger.md": "\n".join(after) + "\n" * other_end}
    assume(old != new and old["challenger.md"] and diff_of(old, new))
    try:
        assert apply_answer(old, answer(diff=diff_of(old, new))) == new
    except EditError as refused:
        # Only an insertion into nothing, or a block that stands in several places, may be refused.
        assert "no line of the file" in str(refused) or "stands" in str(refused)


@given(LINES, st.data())
def test_an_edit_and_its_diff_do_the_same(lines: list[str], data: st.DataObject) -> None:
    numbered = [f"<{number}> {line}" for number, line in enumerate(lines)]
    at = data.draw(st.integers(0, len(numbered) - 1))
    old = {"feedback.md": "\n".join(numbered) + "\n"}
    new = {"feedback.md": old["feedback.md"].replace(numbered[at] + "\n", "changed\n")}
    diff = diff_of(old, new)
    by_edit = apply_answer(old, answer(("feedback.md", numbered[at] + "\n", "changed\n")))
    assert by_edit == apply_answer(old, answer(diff=diff)) == new
    moved = diff.replace("@@ -", "@@ -9")  # models count lines badly: a block that stands once needs no number
    assert apply_answer(old, answer(diff=moved)) == new


def test_of_several_places_a_diff_s_line_number_names_one() -> None:
    before = ["same", "1", "same", "2", "same"]
    after = [*before[:4], "other"]
    diff = "".join(
        difflib.unified_diff(
            [f"{line}\n" for line in before], [f"{line}\n" for line in after], "a/f.md", "b/f.md", n=0
        )
    )
    assert apply_answer({"f.md": "\n".join(before) + "\n"}, answer(diff=diff)) == {"f.md": "\n".join(after) + "\n"}


@pytest.mark.parametrize(
    ("diff", "reason"),
    [
        ("--- a/challenger.md\n+++ b/judge.md\n@@ -1 +1 @@\n-# System\n+x\n", "renames"),
        ("--- a/../../x\n+++ b/../../x\n@@ -1 +1 @@\n-# System\n+x\n", "no file"),
        ("--- /dev/null\n+++ b/new.md\n@@ -0,0 +1 @@\n+x\n", "renames"),
        (
            "diff --git a/challenger.md b/challenger.md\nold mode 100644\nnew mode 120000\n",
            "more than change lines",
        ),
        ("diff --git a/challenger.md b/challenger.md\ndeleted file mode 100644\n", "more than change lines"),
        ("diff --git a/a b/b\nrename from challenger.md\nrename to judge.md\n", "more than change lines"),
        ("@@ -1 +1 @@\n-# System\n+x\n", "without the file"),
        ("--- a/challenger.md\n+++ b/challenger.md\n@@ -1,0 +2 @@\n+x\n", "no line of the file"),
        ("--- a/challenger.md\n+++ b/challenger.md\n@@ -1 +1 @@\n-# SYSTEM\n+x\n", "does not stand"),
        ("please change the file", "none of a diff"),
        ("--- a/challenger.md\n+++ b/challenger.md\n", "no hunk"),
    ],
)
def test_a_diff_that_does_anything_else_is_refused(diff: str, reason: str) -> None:
    with pytest.raises(EditError, match=reason):
        apply_answer(FILES, answer(diff=diff))


def test_one_form_at_a_time() -> None:
    with pytest.raises(EditError, match="not both"):
        apply_answer(FILES, answer(("feedback.md", "Again.", "x"), diff="--- a/x\n"))
    with pytest.raises(EditError, match="either"):
        apply_answer(FILES, answer())

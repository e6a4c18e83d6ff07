"""The tolerant reader: what stands around an answer does not matter, what is missing in it does."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.errors import ReplyError
from autodata.models.structured import read_answer, read_object, schema_of
from autodata.schemas import ChallengerAnswer, JudgeAnswer, QualityAnswer

GOOD = {"passed": True, "issues": ["a"], "suggestion": "s"}
PLAIN = json.dumps(GOOD)


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        f"```json\n{PLAIN}\n```",
        f"```\n{PLAIN}\n```",
        f"Here is my verdict:\n{PLAIN}\nI hope that helps.",
        f"{PLAIN}\n{PLAIN}",
        "{'passed': True, 'issues': ['a'], 'suggestion': 's'}",
        '{"passed": true, "issues": ["a"], "suggestion": "s",}',
        '{"passed": "true", "issues": ["a"], "suggestion": "s"}',
        '{"passed": true, "issues": ["a"], "suggestion": "s", "confidence": 0.9}',
        '{passed: true, issues: ["a"], suggestion: "s"}',
        f"{{see below}} {PLAIN}",
        '{"type": "object", "properties": {"passed": {"type": "boolean"}}}\n' + PLAIN,
    ],
)
def test_what_stands_around_the_answer_does_not_matter(text: str) -> None:
    assert read_answer(text, QualityAnswer) == QualityAnswer(**GOOD)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty"),
        ("   \n", "empty"),
        ("It depends.", "no JSON object"),
        ('{"passed": true, "issues": []}', "suggestion"),
        ('{"passed": "perhaps", "issues": [], "suggestion": ""}', "passed"),
        (PLAIN + PLAIN.replace("true", "false"), "several different answers"),
        ("[1, 2]", "no JSON object"),
    ],
)
def test_what_is_missing_or_ambiguous_is_unreadable(text: str, why: str) -> None:
    with pytest.raises(ReplyError, match=why):
        read_answer(text, QualityAnswer)


@given(st.integers(1, len(PLAIN) - 1))
def test_a_cut_off_answer_is_never_completed_by_guessing(at: int) -> None:
    with pytest.raises(ReplyError):
        read_answer(PLAIN[:at], QualityAnswer, cut=True)


def test_weights_as_strings_are_read_and_other_strings_are_not() -> None:
    answer = {
        "context": "c",
        "question": "q",
        "question_type": "t",
        "reasoning_skills": [],
        "reference_answer": "r",
    }
    for weight in ("8", "+8", 8):
        rubric = [{"criterion": "x", "weight": weight}]
        assert read_answer(json.dumps({**answer, "rubric": rubric}), ChallengerAnswer).rubric[0].weight == 8
    with pytest.raises(ReplyError, match=r"rubric\.0\.weight"):
        read_answer(json.dumps({**answer, "rubric": [{"criterion": "x", "weight": "high"}]}), ChallengerAnswer)


def test_a_plan_is_one_object() -> None:
    assert read_object('Sure: {"kind": "share"}') == {"kind": "share"}
    with pytest.raises(ReplyError, match="several"):
        read_object('{"a": 1} {"b": 2}')
    with pytest.raises(ReplyError, match="no JSON object"):
        read_object("none")


def test_the_schema_that_is_sent_is_strict() -> None:
    schema = schema_of(JudgeAnswer, "judge")
    entry = schema.body["$defs"]["CriterionVerdict"]
    assert schema.name == "judge"
    assert entry["required"] == ["criterion", "met", "evidence"]
    assert entry["additionalProperties"] is schema.body["additionalProperties"] is False
    assert "minLength" not in json.dumps(schema_of(ChallengerAnswer, "challenger").body)


@pytest.mark.parametrize("start", ['{"context": ', "{", "[{", '{"a": ['])
def test_an_answer_that_nests_without_end_is_unreadable_at_once(start: str) -> None:
    with pytest.raises(ReplyError, match="nested too deeply"):
        read_answer(start * 50_000, QualityAnswer)

"""What the legal roles answer, what makes an item of it, and how the legal policy decides: in code."""

from dataclasses import replace
from fractions import Fraction as F
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from autodata.acceptance import POLICIES, Advice, advice_allows, decide
from autodata.errors import ItemError, UsageError
from autodata.legal import ExtractAnswer, LoopJudgeAnswer, WriterAnswer, legal_item
from autodata.prompting import load_domain
from autodata.rounds import AdviceLine, AttemptLine, Evidence, problem_line, standing
from autodata.schemas import Criterion, Failure, Item, Solver
from autodata.settings import configure

LEGAL = POLICIES["legal"]
LIMITS = load_domain("legal").file.rubric


def criterion(number: int, **changed: Any) -> dict[str, Any]:
    return {
        "number": number,
        "criterion": f"Explains point {number}.",
        "category": "rule",
        "capability": "spot_deadline",
        "weight_class": "important",
        "weight": 6,
        **changed,
    }


def writers(*changed: dict[str, Any], positives: int = 15, negatives: int = 1) -> WriterAnswer:
    rubric = [criterion(at) for at in range(1, positives + 1)]
    rubric += [criterion(positives + at, weight_class="negative", weight=-3) for at in range(1, negatives + 1)]
    for at, change in enumerate(changed):
        rubric[at] |= change
    return WriterAnswer.model_validate(
        {
            "target_capabilities": {
                "primary_focus": ["spot_deadline", "apply_rule"],
                "secondary_focus": ["name_risk"],
                "rewards_summary": "a",
                "penalises_summary": "b",
            },
            "question": "What can I do?",
            "rubric": rubric,
        }
    )


def test_a_writers_answer_becomes_an_item_with_labels_and_no_context() -> None:
    item = legal_item(writers(), ["It runs from notice.", "Notice must be served."], LIMITS)
    assert (item.context, item.question_type) == ("", "spot_deadline")
    assert item.reasoning_skills == ("spot_deadline", "apply_rule", "name_risk")
    assert item.reference_answer == "It runs from notice.\nNotice must be served."
    assert item.rubric[0].model_dump() == {
        "criterion": "Explains point 1.", "weight": 6, "category": "rule", "capability": "spot_deadline",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (writers({"weight": 8}), "criterion 1 is important with weight 8, not 5 to 7"),
        (writers({"weight_class": "critically important"}), "weight 6, not 8 to 10"),
        (writers({"weight_class": "slightly important", "weight": 1}), "weight 1, not 2 to 4"),
        (writers({"weight": -3}), "important with weight -3"),
        (writers({"weight_class": "negative"}), "negative with weight 6, not -10 to -1"),
        (writers({"number": 2}), "not numbered 1, 2, 3"),
        (writers(positives=13), "the rubric has 14 criteria, not 15 to 25"),
        (writers(positives=25), "the rubric has 26 criteria, not 15 to 25"),
        (writers(negatives=0), "only 0 criteria have a negative weight, 1 are needed"),
    ],
)
def test_code_refuses_what_breaks_the_rules_and_names_it(answer: WriterAnswer, said: str) -> None:
    with pytest.raises(ItemError, match=said):
        legal_item(answer, ["h"], LIMITS)


@pytest.mark.parametrize("change", [{"capability": "Spot Deadline"}, {"criterion": "x" * 401}, {"weight": "8 kg"}])
def test_a_malformed_criterion_is_unreadable(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        writers(change)


def test_labels_are_absent_where_a_domain_has_none_and_no_part_of_the_items_hash() -> None:
    plain = Criterion(criterion="c", weight=3)
    assert plain.model_dump() == {"criterion": "c", "weight": 3}
    item = legal_item(writers(), ["h"], LIMITS)
    bare = tuple(Criterion(criterion=entry.criterion, weight=entry.weight) for entry in item.rubric)
    assert item.model_copy(update={"rubric": bare}).hash == item.hash
    assert Item.model_validate_json(item.model_dump_json()) == item


EXTRACT = {
    "suitability_note": "n", "document_type": "opinion", "topic_keywords": [], "issues": ["i"], "facts": "f",
    "holdings": ["h"],
}  # fmt: skip


def test_an_unsuitable_document_needs_no_extract_and_a_suitable_one_does() -> None:
    empty = {**EXTRACT, "issues": [], "facts": "", "holdings": []}
    assert not ExtractAnswer.model_validate({**empty, "suitable_for_synthetic_question": False}).holdings
    with pytest.raises(ValidationError, match="issues, facts and holdings"):
        ExtractAnswer.model_validate({**empty, "suitable_for_synthetic_question": True})


VERDICT = {
    "weak_pattern": "w", "strong_pattern": "s", "gap_interpretation": "g", "rubric_concerns": [],
    "grpo_suitability": "low", "verdict": "improve", "verdict_reason": "r",
}  # fmt: skip


def test_an_improve_without_a_suggestion_is_unreadable() -> None:
    with pytest.raises(ValidationError, match="suggestion_for_writer"):
        LoopJudgeAnswer.model_validate({**VERDICT, "suggestion_for_writer": " "})
    assert LoopJudgeAnswer.model_validate({**VERDICT, "suggestion_for_writer": "s"}).advice == ("improve", "low")
    assert LoopJudgeAnswer.model_validate({**VERDICT, "verdict": "accept"}).advice.verdict == "accept"


# The policy. Code is necessary and the loop judge is necessary; neither is enough.

ITEM = legal_item(writers(), ["h"], LIMITS)
ALL, NONE = "1" * 15 + "0", "0" * 16


def met(count: int) -> str:
    return "1" * count + "0" * (16 - count)


def lines(solver: Solver, *verdicts: str, status: str = "answered") -> list[AttemptLine]:
    return [
        AttemptLine(
            item=ITEM.hash[:12], solver=solver, index=at, status=status, met=one, score="", text="", call=""
        )
        for at, one in enumerate(verdicts, 1)
    ]


def advice(verdict: Any = "accept", suitability: Any = "high", item: Item = ITEM) -> AdviceLine:
    return AdviceLine(
        item=item.hash[:12], verdict=verdict, suitability=suitability, reason="because", suggestion=""
    )


WEAK = lines("weak", *(met(count) for count in (2, 3, 4, 5, 6)))
STRONG = lines("strong", *(met(count) for count in (9, 10, 11)))


def failure(**given: Any) -> tuple[Failure, str] | None:
    whole = {"problem": None, "quality": None, "weak": WEAK, "strong": STRONG, "audit": None, "advice": advice()}
    failed = standing(Evidence(item=ITEM, **{**whole, **given}), LEGAL).failed
    return (failed.failure, failed.reason) if failed else None


def test_five_and_three_attempts_that_vary_and_a_consenting_loop_judge_pass() -> None:
    assert (LEGAL.weak_attempts, LEGAL.strong_attempts) == (5, 3)
    assert failure() is None
    assert failure(advice=advice(suitability="medium")) is None


@pytest.mark.parametrize(
    ("given", "expected", "said"),
    [
        ({"advice": advice("improve")}, Failure.FAILED_QV, "loop judge: improve; because"),
        ({"advice": advice("accept", "low")}, Failure.FAILED_QV, "loop judge: suitability low; because"),
        ({"weak": lines("weak", *[met(4)] * 5)}, Failure.FAILED_ON_STRONG, "weak spread 0, needs > 0"),
        ({"weak": lines("weak", *[NONE] * 5)}, Failure.FAILED_ON_STRONG, "weak spread 0, needs > 0"),
        ({"weak": lines("weak", *[ALL] * 5)}, Failure.FAILED_ON_STRONG, "gap -0.333, needs >= 0; weak spread 0"),
        ({"strong": lines("strong", *[met(3)] * 3)}, Failure.FAILED_ON_STRONG, "gap -0.0667, needs >= 0"),
        ({"weak": WEAK[:4]}, Failure.INVALID, "a weak attempt has no score"),
        ({"strong": STRONG[:2]}, Failure.INVALID, "a strong attempt has no score"),
        ({"strong": []}, Failure.INVALID, "a strong attempt has no score"),
        ({"advice": None}, Failure.INVALID, "no loop judge has judged it"),
        ({"advice": None, "strong": []}, Failure.INVALID, "no loop judge has judged it"),
        ({"weak": lines("weak", *[""] * 5, status="invalid")}, Failure.INVALID, "a weak attempt has no score"),
        ({"problem": problem_line(Failure.FAILED_QV, "code override: x")}, Failure.FAILED_QV, "code override"),
        ({"advice": advice(item=ITEM.model_copy(update={"question": "q"}))}, Failure.INVALID, "changed"),
    ],
)
def test_a_loop_judge_that_always_accepts_accepts_nothing_that_code_refuses(
    given: dict[str, Any], expected: Failure, said: str
) -> None:
    found = failure(**given)
    assert found is not None and found[0] is expected and said in found[1]


verdicts = st.sampled_from(["accept", "improve"])
suitabilities = st.sampled_from(["high", "medium", "low"])
fractions = st.fractions(0, 1, max_denominator=20)


@given(
    st.lists(fractions, min_size=5, max_size=5),
    st.lists(fractions, min_size=3, max_size=3),
    verdicts,
    suitabilities,
)
def test_what_the_policy_requires_is_exactly_this(weak: list[F], strong: list[F], says: Any, as_: Any) -> None:
    accepted = decide(LEGAL, weak, strong).accepted and advice_allows(LEGAL, Advice(says, as_))
    separates = len(set(weak)) > 1 and sum(strong) / 3 >= sum(weak) / 5
    assert accepted is (separates and says == "accept" and as_ != "low")


def test_the_hash_covers_the_suitability() -> None:
    assert replace(LEGAL, suitability=("high",)).hash != LEGAL.hash


def test_the_policy_is_refused_where_no_loop_judge_is_asked() -> None:
    models = {"default": {"model": "m"}}
    assert configure(None, {"domain": "legal", "models": models}).settings.policy == "legal"
    with pytest.raises(UsageError, match="policy 'legal' needs a loop judge"):
        configure(None, {"domain": "cs_research", "policy": "legal", "models": models})

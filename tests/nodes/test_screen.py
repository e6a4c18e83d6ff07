"""The screening: every candidate has a standing, none is ranked by guess, and a round without one says why."""

import pytest

from autodata.errors import ReplyError
from autodata.schemas import CandidateRank, Failure, ScreenAnswer
from nodes.screen import CandidateLine, Choice, _none, _screened, _without_repeats, complete


def line(number: int, question: str = "", failure: str = "", reason: str = "") -> CandidateLine:
    return CandidateLine(
        number=number,
        item="" if failure else "ab" * 32,
        question=question or f"Question {number}?",
        standing="refused" if failure else "drafted",
        failure=failure,
        reason=reason,
    )


def ranking(*numbers: int) -> ScreenAnswer:
    return ScreenAnswer(
        ranking=[CandidateRank(candidate=number, promising=True, reason="r") for number in numbers]
    )


def test_a_ranking_holds_each_candidate_once() -> None:
    assert complete(ranking(3, 1), [1, 3]) == ranking(3, 1)


@pytest.mark.parametrize("numbers", [(1,), (1, 1), (1, 2), (1, 3, 3), (1, 3, 4), ()])
def test_a_missing_doubled_or_unknown_candidate_is_unreadable(numbers: tuple[int, ...]) -> None:
    with pytest.raises(ReplyError, match="rank each of the candidates 1, 3"):
        complete(ranking(*numbers), [1, 3])


def test_the_same_question_twice_in_a_round_is_refused_once() -> None:
    lines = _without_repeats(
        [line(1, "What?"), line(2, "What?", Failure.INVALID), line(3, "WHAT?"), line(4, "Why?")]
    )
    assert [entry["standing"] for entry in lines] == ["drafted", "refused", "refused", "drafted"]
    assert lines[2]["reason"] == "candidate 1 asks the same"


def test_every_candidate_has_a_standing_after_the_screening() -> None:
    choice = Choice(2, {1: "too easy", 2: "several steps"})
    lines = [_screened(entry, choice) for entry in (line(1), line(2), line(3, failure="failed_qv", reason="bare"))]
    assert [(entry["standing"], entry["reason"]) for entry in lines] == [
        ("not_chosen", "too easy"),
        ("chosen", "several steps"),
        ("refused", "bare"),
    ]


@pytest.mark.parametrize(
    ("failures", "expected"),
    [
        (["invalid", "invalid"], Failure.INVALID),
        (["not_novel", "not_novel"], Failure.NOT_NOVEL),
        (["invalid", "failed_qv"], Failure.FAILED_QV),
        (["", ""], Failure.FAILED_QV),
        (["", "invalid"], Failure.FAILED_QV),
    ],
)
def test_a_round_without_a_candidate_fails_for_what_its_candidates_failed(
    failures: list[str], expected: Failure
) -> None:
    update = _none([line(number, failure=failure, reason="why") for number, failure in enumerate(failures, 1)])
    problem = update["problem"]
    assert problem is not None and problem["failure"] == expected
    assert "candidate 1: why" in problem["reason"] and "candidate 2: why" in problem["reason"]


def test_a_document_that_suits_no_challenger_is_unsuitable() -> None:
    assert _none([line(1, failure="unsuitable", reason="no formula")])["verdict"] == "unsuitable"

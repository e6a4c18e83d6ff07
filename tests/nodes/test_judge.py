"""Reading the judge: one verdict a criterion, none guessed."""

import pytest

from autodata.errors import ReplyError
from autodata.schemas import CriterionVerdict, JudgeAnswer
from nodes.judge import judgment_of


def answer(*verdicts: tuple[int, bool]) -> JudgeAnswer:
    return JudgeAnswer(verdicts=[CriterionVerdict(criterion=n, met=met, evidence=f"e{n}") for n, met in verdicts])


def test_verdicts_are_put_into_the_rubrics_order() -> None:
    judgment = judgment_of(answer((2, False), (1, True), (3, True)), 3)
    assert judgment.met == (True, False, True)
    assert judgment.evidence == ("e1", "e2", "e3")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (answer((1, True), (2, True)), "one verdict for each criterion from 1 to 3"),
        (answer((1, True), (2, True), (2, True), (3, True)), "two verdicts"),
        (answer((1, True), (2, True), (4, True)), "one verdict for each criterion"),
        (answer((0, True), (1, True), (2, True)), "one verdict for each criterion"),
        (answer((1, True), (2, True), (3, True), (4, True)), "one verdict for each criterion"),
        (answer(), "one verdict for each criterion"),
    ],
)
def test_a_missing_doubled_or_unknown_criterion_is_unreadable(given: JudgeAnswer, said: str) -> None:
    with pytest.raises(ReplyError, match=said):
        judgment_of(given, 3)

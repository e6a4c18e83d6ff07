"""What the writer is told of its last item: code's refusal, and the loop judge's words as they are, once."""

from autodata.prompting import load_domain
from autodata.rounds import AdviceLine, Failed, RoundEntry, advice_reason
from autodata.schemas import Failure
from nodes.feedback import tried
from nodes.improve import orders

TEMPLATES = load_domain("legal").prompt("feedback")
IMPROVE = AdviceLine(
    item="i", verdict="improve", suitability="low", reason="All at zero.", suggestion="Give the dates; ask less."
)
ACCEPT = AdviceLine(item="i", verdict="accept", suitability="low", reason="Fine.", suggestion="")


def told(failure: Failure, reason: str, advice: AdviceLine | None) -> str:
    entry = RoundEntry(round=1, question="q", failure=failure, weak_mean=None, strong_mean=None, feedback=reason)
    return orders(entry, tried("t", Failed(failure, reason)), advice, TEMPLATES)


def test_the_loop_judges_words_are_passed_on_as_they_are_and_once() -> None:
    text = told(Failure.FAILED_QV, advice_reason(IMPROVE), IMPROVE)
    assert text.count("All at zero.") == 1
    assert "SUGGESTION: Give the dates; ask less." in text


def test_what_code_refused_comes_first_and_the_suggestion_stays() -> None:
    text = told(Failure.FAILED_QV, "the rubric was loosened: 18 -> 15", IMPROVE)
    assert text.index("loosened") < text.index("SUGGESTION: Give the dates")
    scores = told(Failure.FAILED_ON_STRONG, "weak spread 0, needs > 0", IMPROVE)
    assert "weak spread 0" in scores and "All at zero." in scores


def test_an_override_is_named_without_any_advice() -> None:
    text = told(Failure.FAILED_QV, 'code override: the phrase "on appeal"', None)
    assert 'the phrase "on appeal"' in text and "SUGGESTION" not in text


def test_a_low_suitability_is_told_although_the_loop_judge_accepted() -> None:
    text = told(Failure.FAILED_QV, advice_reason(ACCEPT), ACCEPT)
    assert "suitability low; Fine." in text and "SUGGESTION" not in text


def test_an_invalid_round_says_nothing() -> None:
    assert told(Failure.INVALID, "a weak attempt has no score", None) == ""

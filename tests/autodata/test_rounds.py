"""How a round stands: recomputed from its booleans, bound to its item, decided only when complete."""

from fractions import Fraction as F
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.acceptance import POLICIES, decide
from autodata.rounds import AttemptLine, Evidence, QualityLine, problem_line, scores, shown, standing
from autodata.schemas import Criterion, Failure, Item, Solver
from autodata.scoring import score

PROSE = POLICIES["prose"]
ITEM = Item(
    context="c",
    question="q?",
    question_type="t",
    reasoning_skills=("s",),
    reference_answer="r",
    rubric=tuple(Criterion(criterion=f"c{at}", weight=weight) for at, weight in enumerate((5, 3, 2, -4))),
)
PASSED = QualityLine(item=ITEM.hash[:12], passed=True, issues=[], suggestion="")
REFUSED = QualityLine(item=ITEM.hash[:12], passed=False, issues=["leaks"], suggestion="")


def line(solver: Solver, index: int, met: str, status: str = "answered", item: Item = ITEM) -> AttemptLine:
    return AttemptLine(
        item=item.hash[:12], solver=solver, index=index, status=status, met=met, score="", text="", call=""
    )


def lines(solver: Solver, *met: str) -> list[AttemptLine]:
    return [line(solver, at, one) for at, one in enumerate(met, 1)]


def evidence(**given: Any) -> Evidence:
    return Evidence(
        **{"item": ITEM, "problem": None, "quality": PASSED, "weak": [], "strong": [], "audit": None, **given}
    )


WEAK = lines("weak", "0100", "0010", "0000")
STRONG = lines("strong", "1110", "1100", "1110")


@pytest.mark.parametrize(
    ("given_evidence", "failure"),
    [
        (evidence(quality=None), None),
        (evidence(), None),
        (evidence(weak=WEAK), None),
        (evidence(weak=WEAK, strong=STRONG), None),
        (evidence(weak=WEAK, strong=STRONG, audit=PASSED), None),
        (evidence(problem=problem_line(Failure.NOT_NOVEL, "again")), Failure.NOT_NOVEL),
        (evidence(item=None, quality=None), Failure.INVALID),
        (evidence(quality=REFUSED), Failure.FAILED_QV),
        (evidence(weak=lines("weak", "1110", "1110", "1110")), Failure.TOO_EASY),
        (evidence(weak=WEAK, strong=lines("strong", "0100", "0100", "0100")), Failure.FAILED_ON_STRONG),
        (evidence(weak=WEAK, strong=STRONG, audit=REFUSED), Failure.FAILED_QV),
        (evidence(weak=WEAK[:2]), Failure.INVALID),
        (evidence(weak=WEAK, strong=STRONG[:2]), Failure.INVALID),
        (evidence(weak=[*WEAK[:2], line("weak", 3, "", "invalid")]), Failure.INVALID),
    ],
)
def test_each_stage_fails_for_its_own_reason(given_evidence: Evidence, failure: Failure | None) -> None:
    failed = standing(given_evidence, PROSE).failed
    assert (failed.failure if failed else None) is failure


def test_a_truncated_or_empty_attempt_scores_zero_and_an_invalid_one_has_no_score() -> None:
    assert scores(ITEM, [line("weak", 1, "", "truncated"), line("weak", 2, "", "empty")]) == [F(0)] * 2
    assert scores(ITEM, [line("weak", 1, "1000"), line("weak", 2, "", "invalid")]) is None


@pytest.mark.parametrize(
    "changed",
    [
        ITEM.model_copy(update={"question": "another?"}),
        ITEM.model_copy(update={"context": "another"}),
        ITEM.model_copy(update={"rubric": (*ITEM.rubric[:3], Criterion(criterion="c3", weight=-5))}),
    ],
)
def test_an_item_changed_after_its_attempts_is_void(changed: Item) -> None:
    found = standing(evidence(item=changed, weak=WEAK, strong=STRONG, audit=PASSED), PROSE).failed
    assert found is not None and found.failure is Failure.INVALID
    assert "changed" in found.reason


def test_a_zero_makes_an_item_suspect_and_a_perfect_strong_solver_makes_it_trivial() -> None:
    deployed = POLICIES["deployed"]
    suspect = standing(evidence(weak=lines("weak", "0001", "0100", "0100")), deployed).failed
    trivial = standing(
        evidence(weak=lines("weak", "0100", "0010", "0100"), strong=lines("strong", *["1110"] * 3)), deployed
    ).failed
    easy = standing(evidence(weak=lines("weak", "1110", "1110", "0001")), deployed).failed
    assert [found.note for found in (suspect, trivial, easy) if found] == ["zero", "trivial", ""]


def test_a_long_text_is_shown_by_its_beginning() -> None:
    assert shown("short", 10) == "short"
    assert shown("x" * 50, 10) == "xxxxxx ..." and len(shown("x" * 50, 10)) == 10


met = st.lists(st.booleans(), min_size=4, max_size=4)


@given(st.lists(met, min_size=3, max_size=3), st.lists(met, min_size=3, max_size=3))
def test_the_verdict_is_what_the_policy_says_of_the_recomputed_scores(
    weak: list[list[bool]], strong: list[list[bool]]
) -> None:
    def written(verdicts: list[list[bool]], solver: Solver) -> list[AttemptLine]:
        return lines(solver, *("".join("01"[hit] for hit in one) for one in verdicts))

    found = standing(evidence(weak=written(weak, "weak"), strong=written(strong, "strong")), PROSE)
    weak_scores = [score(ITEM.rubric, one) for one in weak]
    decision = decide(PROSE, weak_scores, [score(ITEM.rubric, one) for one in strong])
    assert (found.failed.failure if found.failed else None) is decision.failure
    assert found.weak_mean == sum(weak_scores, F(0)) / 3

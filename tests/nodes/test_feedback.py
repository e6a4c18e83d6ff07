"""What the challenger is told: grouped by failure, empty groups left out, the newest in full, no thresholds."""

from autodata.prompting import Prompt, load_domain
from autodata.rounds import Failed, RoundEntry
from autodata.schemas import Failure
from nodes.feedback import IN_FULL, Tried, failure_list, tried

TEMPLATES = load_domain("cs_research").prompt("feedback")


def entry(
    round: int, failure: Failure, weak: float | None = None, strong: float | None = None, why: str = ""
) -> RoundEntry:
    return RoundEntry(
        round=round,
        question=f"Question {round}?",
        failure=failure,
        weak_mean=weak,
        strong_mean=strong,
        feedback=why,
    )


def past(failure: Failure, note: str = "", kind: str = "prediction") -> Tried:
    return tried(kind, Failed(failure, "", note))  # type: ignore[arg-type]


def test_failures_are_grouped_under_the_published_labels() -> None:
    told = failure_list(
        [
            entry(1, Failure.FAILED_QV, why="leaks the answer"),
            entry(2, Failure.TOO_EASY, weak=0.82),
            entry(3, Failure.FAILED_ON_STRONG, weak=0.3, strong=0.41),
            entry(4, Failure.TOO_EASY, weak=0.75),
        ],
        [past(Failure.FAILED_QV), past(Failure.TOO_EASY), past(Failure.FAILED_ON_STRONG), past(Failure.TOO_EASY)],
        TEMPLATES,
    )
    groups = [block.splitlines() for block in told.split("\n\n")]
    assert [block[0].split(":")[0] for block in groups] == [
        "TOO EASY", "FAILED ON STRONG", "FAILED QV", groups[3][0].split(":")[0],
    ]  # fmt: skip
    assert groups[0][1:] == [
        '- [prediction] "Question 2?" weak average 82%',
        '- [prediction] "Question 4?" weak average 75%',
    ]
    assert groups[1][1:] == ['- [prediction] "Question 3?" weak average 30%, strong average 41%, gap +11%']
    assert groups[2][1:] == ['- [prediction] "Question 1?" - leaks the answer']
    assert "ENTIRELY NEW question from a DIFFERENT angle" in groups[3][0]


def test_a_zero_has_a_group_of_its_own_and_a_perfect_strong_solver_is_said_to_be_trivial() -> None:
    told = failure_list(
        [entry(1, Failure.TOO_EASY, weak=0.2), entry(2, Failure.FAILED_ON_STRONG, weak=0.3, strong=0.98)],
        [past(Failure.TOO_EASY, "zero"), past(Failure.FAILED_ON_STRONG, "trivial")],
        TEMPLATES,
    )
    assert told.startswith("SUSPICIOUS ZERO")
    assert "TOO EASY" not in told
    assert "trivial for the strong solver" in told


def test_an_invalid_round_says_nothing_about_its_question() -> None:
    assert failure_list([entry(1, Failure.INVALID)], [past(Failure.INVALID)], TEMPLATES) == ""


def test_older_questions_get_one_short_line() -> None:
    entries = [entry(round, Failure.TOO_EASY, weak=0.9) for round in range(1, IN_FULL + 3)]
    for one in entries:
        one["question"] = f"{one['question']} {'long ' * 100}"
    told = failure_list(entries, [past(Failure.TOO_EASY)] * len(entries), TEMPLATES)
    lengths = [len(line) for line in told.splitlines() if line.startswith("- [")]
    assert max(lengths[:2]) < 250 < min(lengths[2:])


def test_a_group_without_a_template_is_left_out() -> None:
    only_easy = Prompt.parse("feedback", "# too_easy\nEASY\n\n# closing\nNew!\n")
    told = failure_list([entry(1, Failure.FAILED_QV, why="x")], [past(Failure.FAILED_QV)], only_easy)
    assert told == ""

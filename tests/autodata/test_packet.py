"""The packet: shares and means that add up, worst capability first; and what counts as a loosened rubric."""

from fractions import Fraction as F

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.packet import Change, RubricSize, packet_of, packet_text, rubric_size
from autodata.schemas import Criterion, Item
from autodata.scoring import score

WEIGHTS = (8, 4, 6, -5)
TAGS = ("spot", "spot", "weigh", "risk")


def item_of(*criteria: str, weights: tuple[int, ...] = WEIGHTS, tags: tuple[str | None, ...] = TAGS) -> Item:
    texts = criteria or tuple(f"Explains point {at}." for at in range(len(weights)))
    rubric = zip(texts, weights, tags, strict=True)
    return Item(
        context="",
        question="What can I do?",
        question_type="t",
        reasoning_skills=(),
        reference_answer="r",
        rubric=tuple(Criterion(criterion=text, weight=weight, capability=tag) for text, weight, tag in rubric),
    )


ITEM = item_of()
WEAK = ["1001", "0000", "", "0100", "1000"]
STRONG = ["1110", "1100", "1111"]


def test_a_worked_example() -> None:
    packet = packet_of(ITEM, WEAK, STRONG)
    assert packet.weak == (F(3, 18), F(0), F(0), F(4, 18), F(8, 18))
    assert packet.strong == (F(1), F(12, 18), F(13, 18))
    assert packet.unanswered == (1, 0)
    assert packet.criteria[0].weak == (True, False, False, False, True)
    earned = {line.capability: (line.criteria, line.weak, line.strong) for line in packet.capabilities}
    assert earned["spot"] == (2, F(8 + 0 + 0 + 4 + 8, 60), F(1))
    assert earned["weigh"] == (1, F(0), F(2, 3))
    assert earned["risk"] == (1, F(3, 5), F(2, 3)), "an error that was not made; a cut-off attempt earned nothing"
    assert [line.capability for line in packet.capabilities] == ["weigh", "spot", "risk"]


def test_the_text_tells_every_rollout_by_criterion_and_by_capability() -> None:
    text = packet_text(packet_of(ITEM, WEAK, STRONG))
    assert "weak mean 0.17, standard deviation 0.16, 5 rollouts: 0.17 0.00 0.00 0.22 0.44 (1 of them cut" in text
    assert "strong mean 0.80" in text and "gap +0.63" in text
    assert "question: 14 of at most 1000 characters" in text
    assert "1. [+8, spot] weak 10001 (2 of 5, 0.40), strong 111 (3 of 3, 1.00): Explains point 0." in text
    assert "4. [-5, risk] weak 10000 (1 of 5, 0.20), strong 001 (1 of 3, 0.33): Explains point 3." in text
    assert "- weigh (1 criteria): weak 0.00, strong 0.67, gap +0.67" in text


rollout = st.one_of(st.just(""), st.text("01", min_size=4, max_size=4))


@given(st.lists(rollout, min_size=5, max_size=5), st.lists(rollout, min_size=3, max_size=3))
def test_the_packet_agrees_with_the_scores_and_stays_in_bounds(weak: list[str], strong: list[str]) -> None:
    packet = packet_of(ITEM, weak, strong)
    for met, value in zip([*weak, *strong], [*packet.weak, *packet.strong], strict=True):
        assert value == (score(ITEM.rubric, [hit == "1" for hit in met]) if met else 0)
    assert sum(line.criteria for line in packet.capabilities) == len(ITEM.rubric)
    assert all(0 <= line.weak <= 1 and 0 <= line.strong <= 1 for line in packet.capabilities)
    assert [line.weak for line in packet.capabilities] == sorted(line.weak for line in packet.capabilities)
    for at, line in enumerate(packet.criteria):
        assert sum(line.weak) == sum(met[at : at + 1] == "1" for met in weak)


def test_a_rubric_without_tags_is_one_capability() -> None:
    packet = packet_of(item_of(tags=(None,) * 4), WEAK, STRONG)
    assert [line.capability for line in packet.capabilities] == ["untagged"]


SIZE = RubricSize(criteria=18, positive_weight=90, soft=1, weak_mean=F(1, 5))


@pytest.mark.parametrize(
    ("now", "loosened"),
    [
        (SIZE._replace(criteria=15, positive_weight=80, weak_mean=F(2, 5)), True),
        (SIZE._replace(soft=2, weak_mean=F(2, 5)), True),
        (SIZE._replace(criteria=15, positive_weight=80), False),  # no gain
        (SIZE._replace(criteria=15, positive_weight=80, weak_mean=F(1, 10)), False),
        (SIZE._replace(criteria=15, weak_mean=F(2, 5)), False),  # fewer and heavier criteria
        (SIZE._replace(positive_weight=80, weak_mean=F(2, 5)), False),
        (SIZE._replace(criteria=20, positive_weight=99, weak_mean=F(2, 5)), False),
        (SIZE._replace(weak_mean=F(2, 5)), False),
    ],
)
def test_a_gain_with_a_smaller_or_softer_rubric_is_loosening(now: RubricSize, loosened: bool) -> None:
    assert Change(SIZE, now).loosened is loosened


def test_the_change_is_told_in_numbers() -> None:
    told = str(Change(SIZE, SIZE._replace(criteria=15, soft=3, weak_mean=F(2, 5))))
    assert told.startswith("criteria 18 -> 15, positive weight 90 -> 90")
    assert "mention 1 -> 3, weak mean 0.20 -> 0.40" in told


def test_a_rubrics_size_counts_positive_weight_and_soft_words() -> None:
    item = item_of("Explains why.", "Mentions the lease.", "Refers to the notice.", "Denotes a footnote.")
    assert rubric_size(item, WEAK) == RubricSize(4, 18, 2, F(15, 90))

"""Other thresholds on stored evidence: what was measured is recomputed, what was not is said to be unknown."""

import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.acceptance import POLICIES
from autodata.errors import UsageError
from autodata.ledger.views import AttemptView, RoundView
from autodata.schemas import Criterion, Failure, Item, Solver
from evals.whatif import replay, steps, with_limit
from tests.conftest import Autodata, config_file, write_papers

ITEM = Item(
    context="", question="q", question_type="t", reasoning_skills=(), reference_answer="a",
    rubric=(Criterion(criterion="c", weight=4), Criterion(criterion="d", weight=6)),
)  # fmt: skip
HASH = bytes.fromhex(ITEM.hash)
NONE: frozenset[bytes] = frozenset()


def attempts(solver: Solver, scores: list[str]) -> list[AttemptView]:
    return [
        AttemptView(solver, at, "answered", (True, True), (), "", Fraction(score))
        for at, score in enumerate(scores, start=1)
    ]


def a_round(number: int, weak: list[str], strong: list[str], failure: Failure | None = None) -> RoundView:
    tried = (*attempts("weak", weak), *attempts("strong", strong))
    return RoundView("d", "title", number, failure, "", "", ITEM, tried)


EASY = a_round(1, ["0.6", "0.6", "0.6"], [], Failure.TOO_EASY)
GOOD = a_round(2, ["0.4", "0.4", "0.4"], ["0.8", "0.8", "0.8"])
PROSE = POLICIES["prose"]


def test_the_own_policy_gives_the_own_verdict() -> None:
    assert replay([EASY, GOOD], PROSE, NONE, NONE)[1:] == ("accepted", 2, 2, Fraction("0.4"))


def test_attempts_that_were_never_made_are_unknown() -> None:
    looser = with_limit(PROSE, "weak_max", Fraction("0.7"))
    assert replay([EASY, GOOD], looser, NONE, NONE)[1:3] == ("unknown", 1)


def test_a_tighter_limit_rejects_and_a_refused_item_stays_refused() -> None:
    assert replay([EASY, GOOD], with_limit(PROSE, "gap_min", Fraction("0.5")), NONE, NONE).outcome == "rejected"
    assert replay([EASY, GOOD], PROSE, frozenset({HASH}), NONE).outcome == "rejected"


def test_what_was_never_audited_is_said_so() -> None:
    missed = a_round(1, ["0.4"] * 3, ["0.6"] * 3, Failure.FAILED_ON_STRONG)
    looser = with_limit(PROSE, "strong_min", Fraction("0.6"))
    assert replay([missed], looser, NONE, frozenset({HASH})).outcome == "unaudited"
    assert replay([missed], looser, NONE, NONE).outcome == "accepted"


def test_a_limit_keeps_the_policys_sign_or_is_added() -> None:
    assert [str(one) for one in with_limit(PROSE, "weak_max", Fraction("0.4")).weak] == ["mean < 0.4"]
    assert [str(one) for one in with_limit(PROSE, "strong_max", Fraction("0.9")).strong][-1] == "mean < 0.9"
    with pytest.raises(UsageError, match="no limit 'strong'; known: weak_max"):
        with_limit(PROSE, "strong", Fraction(1))


@given(
    st.lists(st.sampled_from(["0", "0.4", "0.6", "1"]), min_size=3, max_size=3),
    st.fractions(0, 1),
    st.fractions(0, 1),
)
def test_a_looser_limit_never_loses_an_item(strong: list[str], one: Fraction, other: Fraction) -> None:
    tight, loose = max(one, other), min(one, other)
    rounds = [a_round(1, ["0.3"] * 3, strong)]
    accepted = replay(rounds, with_limit(PROSE, "strong_min", tight), NONE, NONE).outcome == "accepted"
    assert not accepted or replay(rounds, with_limit(PROSE, "strong_min", loose), NONE, NONE).outcome == "accepted"


def test_sweeps() -> None:
    assert [str(value) for value in steps("0.3:0.4:0.05")] == ["3/10", "7/20", "2/5"]
    for wrong in ("0.3", "a:b:c", "1:0:0.1", "0:1:0", "0:1:0.00001"):
        with pytest.raises(UsageError, match="is no sweep"):
            list(steps(wrong))


def test_on_the_command_line(autodata: Autodata, simulator: str, tmp_path: Path) -> None:
    papers, config = write_papers(tmp_path / "papers", 6), config_file(tmp_path, simulator)
    autodata("run", papers, "--out", "o", "--config", config)
    own, other = json.loads(autodata("whatif", "o", "--policy", "prose", "--json").stdout)["policies"]
    summary = json.loads((tmp_path / "o" / "summary.json").read_text())
    assert own["accepted"] == summary["accepted"]
    assert other["policy"] == "prose"
    compared = json.loads(autodata("compare", "o", "o", "--json").stdout)
    assert compared["figures"]["gap"]["runs"][0]["value"] == pytest.approx(summary["gap"])
    assert {one["said"] for one in compared["figures"]["gap"]["differences"]} == {"can't tell"}
    assert "gap" in autodata("compare", "o").stdout
    assert "weak_max = 0.5" in autodata("whatif", "o", "--sweep", "weak_max=0.4:0.5:0.1").stdout.replace("\n", " ")
    assert "LIMIT=VALUE" in autodata("whatif", "o", "--set", "weak_max", check=2).stderr
    assert "nothing to ask about" in autodata("whatif", "o", check=2).stderr

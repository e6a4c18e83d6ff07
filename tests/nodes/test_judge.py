"""The judge: code decides where it can and the model elsewhere; one verdict a criterion, none guessed."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from autodata.errors import ReplyError
from autodata.ledger import tables as t
from autodata.ledger.ledger import Ledger
from autodata.models.request import Seat
from autodata.schemas import Criterion, CriterionVerdict, Item, JudgeAnswer, Judgment
from autodata.settings import configure
from nodes.judge import judge, judgment_of
from nodes.resources import open_resources
from tests.conftest import models_at


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


ITEM = Item(
    context="C",
    question="Q?",
    question_type="t",
    reasoning_skills=(),
    reference_answer="R",
    rubric=(Criterion(criterion="Makes point 1 of case x.", weight=1),),
)


class Checks:
    """A verifier that decides as it is told."""

    def __init__(self, decided: Judgment | None) -> None:
        self.decided = decided

    async def check(self, item: Item, answer: str) -> Judgment | None:
        return self.decided

    async def close(self) -> None:
        pass


@pytest.mark.parametrize(
    ("by_code", "asked"), [(Judgment(judge="code", met=(False,), evidence=("e",)), 0), (None, 1)]
)
async def test_the_model_is_asked_only_where_code_cannot_tell(
    simulator: str, tmp_path: Path, by_code: Judgment | None, asked: int
) -> None:
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}")
    settings = configure(None, {"domain": "cs_research", "models": models_at(simulator)}).settings
    resources = await open_resources(settings, ledger)
    verifier: Any = Checks(by_code)
    resources.verifier = verifier
    judgment = await judge(resources, ITEM, Seat("d", 1, "weak"), "Points made: 1. Errors made: .")
    await resources.close()
    calls = await ledger.read(lambda connection: connection.scalar(select(func.count()).select_from(t.calls)))
    ledger.close()
    assert (calls, judgment.judge) == (asked, "judge" if asked else "code")

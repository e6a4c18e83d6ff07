"""The corpus of answers in `answers/`: each becomes what it must, or is unreadable for the right reason."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from autodata.errors import ReplyError
from autodata.models.structured import read_answer, read_object
from autodata.models.thinking import split_tags
from autodata.schemas import ChallengerAnswer, JudgeAnswer, OrchestratorAnswer, QualityAnswer
from nodes.judge import judgment_of

CASES: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "answers" / "answers.toml").read_text("utf-8")
)["case"]
MODELS: dict[str, type[BaseModel]] = {
    "quality": QualityAnswer,
    "challenger": ChallengerAnswer,
    "orchestrator": OrchestratorAnswer,
}


def read(case: dict[str, Any]) -> Any:
    """The case's text, read as the nodes read it."""
    text, _ = split_tags(case["text"])
    cut = case.get("cut", False)
    kind, _, criteria = case["model"].partition("/")
    if kind == "plan":
        return read_object(text, cut)
    if kind == "judge":
        judgment = judgment_of(read_answer(text, JudgeAnswer, cut), int(criteria))
        return {"met": list(judgment.met)}
    return read_answer(text, MODELS[kind], cut).model_dump()


def test_the_corpus_is_large_and_its_names_are_distinct() -> None:
    assert len(CASES) >= 60
    assert len({case["name"] for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_an_answer_becomes_what_it_must(case: dict[str, Any]) -> None:
    if "becomes" in case:
        assert read(case) == json.loads(case["becomes"])
    else:
        with pytest.raises(ReplyError) as refused:
            read(case)
        assert case["unreadable"] in str(refused.value)

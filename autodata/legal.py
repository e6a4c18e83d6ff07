"""What the roles of the legal domain answer, and the item that a writer's answer makes (method reference 6.1)."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Final, Literal

from pydantic import BaseModel, Field, StringConstraints, model_validator

from autodata.acceptance import Advice, Suitability
from autodata.errors import ItemError
from autodata.prompting import RubricLimits
from autodata.rubrics import rubric_problems
from autodata.schemas import Criterion, Item, Text

# Bounds of what goes into the state, so that a checkpoint stays small; a longer answer is asked for again.
Tag = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]

WeightClass = Literal["critically important", "important", "slightly important", "negative"]
WEIGHT_BANDS: Final[Mapping[WeightClass, tuple[int, int]]] = MappingProxyType(
    {
        "critically important": (8, 10),
        "important": (5, 7),
        "slightly important": (2, 4),
        "negative": (-10, -1),
    }
)


class ExtractAnswer(BaseModel):
    """What the extractor found in a document, or why no question can be made from it."""

    suitable_for_synthetic_question: bool
    suitability_note: str
    document_type: str
    topic_keywords: list[str]
    issues: list[str]
    facts: str
    holdings: list[str]

    @model_validator(mode="after")
    def _usable(self) -> "ExtractAnswer":
        if self.suitable_for_synthetic_question and not (self.issues and self.facts.strip() and self.holdings):
            raise ValueError("a suitable document has issues, facts and holdings; give them all")
        return self


class TargetCapabilities(BaseModel):
    """What the writer wants the item to test."""

    primary_focus: Annotated[list[Tag], Field(min_length=2, max_length=4)]
    secondary_focus: Annotated[list[Tag], Field(min_length=1, max_length=3)]
    rewards_summary: str
    penalises_summary: str


class WriterCriterion(BaseModel):
    """A criterion as the writer gives it."""

    number: int
    criterion: Line
    category: Tag
    capability: Annotated[Tag, Field(pattern=r"^[a-z0-9]+(_[a-z0-9]+)*$")]
    weight_class: WeightClass
    weight: int


class WriterAnswer(BaseModel):
    """A new item: a question in a client's voice, and its rubric."""

    target_capabilities: TargetCapabilities
    question: Annotated[Text, Field(max_length=4000)]
    rubric: list[WriterCriterion]


class LoopJudgeAnswer(BaseModel):
    """What the loop judge says of an item as one prompt to learn from, given all its rollouts."""

    weak_pattern: Text
    strong_pattern: Text
    gap_interpretation: Text
    rubric_concerns: list[str]
    grpo_suitability: Suitability
    verdict: Literal["accept", "improve"]
    verdict_reason: Annotated[Text, Field(max_length=400)]
    suggestion_for_writer: Annotated[str, Field(max_length=1500)] = ""

    @model_validator(mode="after")
    def _prescribes(self) -> "LoopJudgeAnswer":
        if self.verdict == "improve" and not self.suggestion_for_writer.strip():
            raise ValueError("an `improve` needs a `suggestion_for_writer`")
        return self

    @property
    def advice(self) -> Advice:
        """The part of it that a policy reads."""
        return Advice(self.verdict, self.grpo_suitability)


def legal_item(answer: WriterAnswer, holdings: Sequence[str], limits: RubricLimits) -> Item:
    """The item in a writer's answer; ItemError names everything that breaks the domain's rules.

    The reference answer is the source's holdings: nobody is shown it, and the rubric was written from them.
    """
    problems = rubric_problems([entry.weight for entry in answer.rubric], limits) + _label_problems(answer.rubric)
    if problems:
        raise ItemError("; ".join(problems))
    focus = answer.target_capabilities
    return Item(
        context="",
        question=answer.question,
        question_type=focus.primary_focus[0],
        reasoning_skills=(*focus.primary_focus, *focus.secondary_focus),
        reference_answer="\n".join(holdings),
        rubric=tuple(
            Criterion(
                criterion=entry.criterion,
                weight=entry.weight,
                category=entry.category,
                capability=entry.capability,
            )
            for entry in answer.rubric
        ),
    )


def _label_problems(rubric: Sequence[WriterCriterion]) -> list[str]:
    """Where numbers do not count up from 1, or a weight is not in the band of its class."""
    found = []
    if [entry.number for entry in rubric] != list(range(1, len(rubric) + 1)):
        found.append("the criteria are not numbered 1, 2, 3 and so on")
    for entry in rubric:
        low, high = WEIGHT_BANDS[entry.weight_class]
        if not low <= entry.weight <= high:
            said = f"criterion {entry.number} is {entry.weight_class} with weight {entry.weight}"
            found.append(f"{said}, not {low} to {high}")
    return found

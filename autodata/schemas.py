"""The nouns of the method, and what each role answers: frozen, validated data."""

import hashlib
import json
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    StringConstraints,
    field_validator,
    model_serializer,
)

Solver = Literal["weak", "strong"]
SOLVERS: tuple[Solver, Solver] = ("weak", "strong")

Role = Literal["orchestrator", "challenger", "quality_verifier", "judge", "weak", "strong"]
ROLES: tuple[Role, ...] = ("orchestrator", "challenger", "quality_verifier", "judge", "weak", "strong")

OptimizerRole = Literal["analyzer", "implementer"]
"""Those who improve the prompts; they have no part in the loop."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


def _no_boolean(value: object) -> object:
    """Refuse `true` for 1: it is a verdict in the wrong place, not a number."""
    if isinstance(value, bool):
        raise ValueError("a number is needed, not a boolean")
    return value


Whole = Annotated[int, BeforeValidator(_no_boolean)]


class Failure(StrEnum):
    """Why a round did not give an accepted item."""

    TOO_EASY = "too_easy"
    """The weak gate failed; the strong solver was not run."""
    FAILED_ON_STRONG = "failed_on_strong"
    """The strong limits or the gap failed."""
    FAILED_QV = "failed_qv"
    """The quality verifier, or a check in code, refused the item."""
    INVALID = "invalid"
    """A role's answer stayed unreadable, so nothing was decided; it says nothing about the item."""
    NOT_NOVEL = "not_novel"
    """The question repeats an earlier one; no solver was asked."""


class Frozen(BaseModel):
    """Base of all nouns: immutable, and no field that is not declared."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Document(Frozen):
    """One grounding text. One run of the inner loop belongs to exactly one document."""

    id: str
    title: str
    text: str

    @classmethod
    def of(cls, title: str, text: str, id: str | None = None) -> "Document":
        """A document whose id, unless given, is the fingerprint of its text."""
        return cls(id=id or fingerprint(text)[:16], title=title, text=text)

    @property
    def fence(self) -> str:
        """A mark around the text in prompts that whoever wrote the text cannot have known."""
        return fingerprint(self.text)[:8]


class Criterion(Frozen):
    """One yes/no test of an answer: a positive weight is credit if met, a negative one a penalty."""

    criterion: Text
    weight: Annotated[int, Field(ge=-10, le=10)]
    category: str | None = None
    capability: str | None = None
    """What category and capability it tests, in domains that say so; they decide nothing."""

    @model_serializer(mode="wrap")
    def _written(self, write: SerializerFunctionWrapHandler) -> dict[str, object]:
        """Without the labels of domains that have none."""
        return {name: value for name, value in write(self).items() if value is not None}

    @field_validator("weight")
    @classmethod
    def _not_zero(cls, weight: int) -> int:
        if weight == 0:
            raise ValueError("a weight of 0 decides nothing; use +1 to +10 or -1 to -10")
        return weight


class Item(Frozen):
    """A candidate question with everything that judging it needs."""

    context: str
    question: Text
    question_type: Text
    reasoning_skills: tuple[str, ...]
    reference_answer: Text
    rubric: tuple[Criterion, ...]
    hidden: str = Field(default="", exclude_if=lambda hidden: not hidden)
    """What a verifier's code needs to check answers, such as tests; no model sees it. Most items have none."""

    @property
    def hash(self) -> str:
        """Fingerprint of context, question, criteria, weights and hidden parts: what every verdict is bound to.

        Computed anew each time: a cached one would stay with an edited copy.
        """
        rubric = [[criterion.criterion, criterion.weight] for criterion in self.rubric]
        bound = [self.context, self.question, rubric, *filter(None, [self.hidden])]
        return fingerprint(json.dumps(bound, ensure_ascii=False))


class AttemptStatus(StrEnum):
    """What became of a solver's attempt before any judge saw it."""

    ANSWERED = "answered"
    TRUNCATED = "truncated"
    """Cut off by the token limit: scores 0 without a judge call, and is counted apart."""
    EMPTY = "empty"
    """No final text: scores 0 without a judge call, and is counted apart."""
    INVALID = "invalid"
    """Its judgment stayed unreadable: it has no score."""


class Attempt(Frozen):
    """One independent sampled answer of one solver to one item."""

    solver: Solver
    index: Annotated[int, Field(ge=1)]
    status: AttemptStatus
    text: str
    seed: int
    tokens_out: int
    call: str
    """The ledger's key of the call that gave the answer."""


class Judgment(Frozen):
    """What a judge said of one attempt: a boolean and a piece of evidence a criterion, in rubric order."""

    judge: str
    met: tuple[bool, ...]
    evidence: tuple[str, ...]


# What the roles answer. The JSON schemas of these models are sent as `response_format`.


class CriterionAnswer(BaseModel):
    """A criterion as the challenger writes it."""

    criterion: Text
    weight: Whole


class QuestionAnswer(BaseModel):
    """A new question with its answer, where code makes the rubric."""

    context: str
    question: Text
    question_type: Text
    reasoning_skills: list[str]
    reference_answer: Text


class ChallengerAnswer(QuestionAnswer):
    """A new item."""

    rubric: list[CriterionAnswer]


class CandidateRank(BaseModel):
    """What the screening says of one candidate, by its number, from 1."""

    candidate: int
    promising: bool
    reason: str


class ScreenAnswer(BaseModel):
    """All candidates of a round, the best first, none missing, none twice."""

    ranking: list[CandidateRank]


class QualityAnswer(BaseModel):
    """The quality verifier's verdict on an item."""

    passed: bool
    issues: list[str]
    suggestion: str


class OrchestratorAnswer(BaseModel):
    """A diagnosis of the failed rounds and where to go next; advice only."""

    diagnosis: str
    next_angle: str
    difficulty: Literal["harder", "easier", "same"]
    avoid: list[str]


class CriterionVerdict(BaseModel):
    """The judge's verdict on one criterion, by its number in the rubric, from 1."""

    criterion: Whole
    met: bool
    evidence: str


class JudgeAnswer(BaseModel):
    """One verdict a criterion, none missing, none twice."""

    verdicts: list[CriterionVerdict]


def fingerprint(text: str) -> str:
    """The content hash used everywhere: SHA-256 of the UTF-8 text, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

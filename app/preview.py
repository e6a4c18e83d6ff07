"""A role's prompt as it would be sent, filled with an example."""

from autodata.errors import UnsuitableError
from autodata.prompting import Domain
from autodata.rounds import RoundEntry
from autodata.rubrics import rubric_lines
from autodata.schemas import Criterion, Document, Failure, Item
from autodata.settings import Settings
from autodata.verifiers import Brief, verifier_named
from nodes.challenge import RUBRIC, challenger_values
from nodes.feedback import Tried, failure_list
from nodes.verify_quality import quality_values

SHOWN_CHARS = 1_200
"""How much of the example document is shown."""

_ITEM = Item(
    context="(the context)",
    question="(the question)",
    question_type="design choice",
    reasoning_skills=("constraint_analysis",),
    reference_answer="(the reference answer)",
    rubric=(Criterion(criterion="(a criterion)", weight=5), Criterion(criterion="(an error)", weight=-3)),
)
_GROUPS = ("too_easy", "suspicious_zero", "failed_on_strong", "failed_qv", "not_novel")


def filled(domain: Domain, settings: Settings, role: str, document: Document) -> list[tuple[str, str]]:
    """The chat that a role would be sent, as speakers and texts; for `feedback`, what the challenger is told."""
    document = document.model_copy(update={"text": _short(document.text)})
    feedback = failure_list(*_failures(), domain.prompt("feedback")) if "feedback" in domain.prompts else ""
    if role == "feedback":
        return [("what the challenger is told", feedback)]
    prompt = domain.prompt(role)
    values = _Example(quality_values(document, _ITEM))
    values |= {"answer": "(an answer)", "failures": feedback, "attempts": "[weak 1: met 10]\n(an answer)"}
    if role == "challenger":
        values |= challenger_values(domain, document, feedback, _brief(domain, document))
    elif role == "judge":
        values["rubric"] = rubric_lines(_ITEM.rubric)
    values = _Example(prompt.with_rules(settings.rubric_style, values))
    more = [heading for heading in ("feedback", "task", "audit") if prompt.section(heading)]
    chat: list[tuple[str, str]] = [(said.speaker, said.text) for said in prompt.messages(values, *more)]
    advice = [("what the challenger is told", prompt.fill("advice", values))] if prompt.section("advice") else []
    return [*chat, *advice]


class _Example(dict[str, str]):
    """Values by placeholder; one that has no example stands for itself."""

    def __missing__(self, name: str) -> str:
        return f"({name})"


def _brief(domain: Domain, document: Document) -> Brief:
    """What the domain's verifier asks for; nothing more where the example document does not suit it."""
    verifier = verifier_named(domain.file.verifier)
    try:
        return verifier.brief(document, [], 0) if verifier is not None else RUBRIC
    except UnsuitableError:
        return RUBRIC


def _failures() -> tuple[list[RoundEntry], list[Tried]]:
    """A failed round of each group."""
    entries = [
        RoundEntry(
            round=at,
            question=f"(question of round {at})",
            failure=group if group in set(Failure) else Failure.TOO_EASY.value,
            weak_mean=0.4,
            strong_mean=None,
            feedback="(the reason)",
        )
        for at, group in enumerate(_GROUPS, 1)
    ]
    return entries, [
        Tried(question_type="design choice", group=group, trivial=False, item="") for group in _GROUPS
    ]


def _short(text: str) -> str:
    left = len(text) - SHOWN_CHARS
    return text if left <= 0 else f"{text[:SHOWN_CHARS]}\n[... {left:,} characters more ...]"

"""What code can tell of an item that a model wrote: counts, weights and lengths, before anyone is asked."""

from collections.abc import Sequence

from autodata.errors import ItemError
from autodata.prompting import DomainFile, RubricLimits, RubricStyle
from autodata.schemas import ChallengerAnswer, Criterion, Item


def item_of(answer: ChallengerAnswer, rules: DomainFile, style: RubricStyle = "mixed") -> Item:
    """The item in a challenger's answer; ItemError names everything that breaks the domain's rules."""
    problems = rubric_problems([entry.weight for entry in answer.rubric], rules.rubric.styled(style))
    shortest, longest = rules.context_chars
    if not shortest <= len(answer.context) <= longest:
        problems.append(f"the context has {len(answer.context)} characters, not {shortest} to {longest}")
    if problems:
        raise ItemError("; ".join(problems))
    return Item(
        context=answer.context.strip(),
        question=answer.question,
        question_type=answer.question_type,
        reasoning_skills=tuple(answer.reasoning_skills),
        reference_answer=answer.reference_answer,
        rubric=tuple(Criterion(criterion=entry.criterion, weight=entry.weight) for entry in answer.rubric),
    )


def rubric_problems(weights: list[int], limits: RubricLimits) -> list[str]:
    """What is wrong with a rubric's numbers (method reference 3.2, 3.3 and 4.4)."""
    positive, negative = sum(w > 0 for w in weights), sum(w < 0 for w in weights)
    fewest, most = limits.tolerated
    found = []
    if not fewest <= len(weights) <= most:
        found.append(f"the rubric has {len(weights)} criteria, not {fewest} to {most}")
    if positive < limits.positive_min:
        found.append(f"only {positive} criteria have a positive weight, {limits.positive_min} are needed")
    if negative < limits.negative_min:
        found.append(f"only {negative} criteria have a negative weight, {limits.negative_min} are needed")
    if negative > limits.negative_max:
        allowed = f"at most {limits.negative_max} may" if limits.negative_max else "none may"
        found.append(f"{negative} criteria have a negative weight, {allowed}")
    if any(w == 0 or abs(w) > limits.weight_max for w in weights):
        found.append(f"a weight is 0 or beyond {limits.weight_max}")
    return found


def rubric_lines(rubric: Sequence[Criterion], weights: bool = False) -> str:
    """The rubric as numbered lines: `1. …`; with weights only for who checks the rubric itself."""
    return "\n".join(
        f"{number}. {f'[{entry.weight:+d}] ' if weights else ''}{entry.criterion}"
        for number, entry in enumerate(rubric, 1)
    )

"""What a domain's prompt files may and must hold, and what is wrong with them, in sentences."""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import NamedTuple

from autodata.errors import UsageError
from autodata.explain import nearest
from autodata.prompting import Domain, DomainFile, Prompt, load_domain
from autodata.settings import Settings

_CHAT = ("system", "user", "assistant")
_STYLES = ("mixed", "positive_only")
_BRACES = re.compile(r"\{\{([^{}]*)\}\}")
_HEADING = re.compile(r"^# +(\S.*?)\s*$", re.MULTILINE)

_SOLVERS = {
    "context": "what the solvers are told before the question; all that they see of the document",
    "question": "the question",
}
_DOCUMENT = {
    "title": "the document's title",
    "document": "the document's text",
    "fence": "a word that ends the document's text, so that nothing inside it can pretend to",
}
_RULES = {"rubric_rules": "the section `# Mixed` or `# Positive_only`, as the setting `rubric_style` says"}
_CHALLENGER = {
    **_DOCUMENT,
    "feedback": "the questions that failed in earlier rounds, and why; for the section `# Feedback`",
    "criteria_min": "the smallest number of criteria to ask for",
    "criteria_max": "the largest number of criteria to ask for",
    "context_min": "the fewest characters of a context",
    **_RULES,
}
_JUDGE = {**_SOLVERS, "rubric": "the criteria as lines `1. ...`", "answer": "the answer to grade"}
_QUALITY = {
    **_DOCUMENT,
    **_SOLVERS,
    "question_type": "the item's type label",
    "reference_answer": "the answer that the challenger holds right",
    "rubric": "the criteria as lines `1. [+5] ...`",
    "counts": "how many criteria there are, by sign",
    **_RULES,
}
_ORCHESTRATOR = {
    "title": "the document's title",
    "failures": "the questions that failed so far, and why",
    "question": "the last question",
    "rubric": "its criteria, with weights",
    "attempts": "what the solvers wrote, each with the criteria that it met",
}
_ADVICE = {
    "diagnosis": "what went wrong",
    "next_angle": "where to go next",
    "difficulty": "harder, easier or same",
    "avoid": "what to stay away from, a line each",
}


class Form(NamedTuple):
    """What a role's prompt file must and may hold."""

    purpose: str
    needs: tuple[str, ...]
    """Sections without which the role cannot be asked."""
    may: tuple[str, ...]
    """Further sections that are read."""
    placeholders: Mapping[str, str]
    """What is filled in, by name: what each holds."""
    shows: tuple[str, ...]
    """Placeholders without which the role would not know what it is asked about."""
    apart: Mapping[str, Mapping[str, str]] = {}
    """Sections that are filled with something else."""


FORMS: Mapping[str, Form] = {
    "challenger": Form(
        "writes the items", ("user",), (*_CHAT, "feedback", "task", *_STYLES), _CHALLENGER,
        ("document", "feedback"),
    ),
    "quality_verifier": Form(
        "checks an item before the solvers are asked", ("user",), (*_CHAT, "audit", *_STYLES), _QUALITY,
        ("document", "context", "question"),
    ),
    "solver": Form("answers; both solvers get it", ("user",), _CHAT, _SOLVERS, ("context", "question")),
    "judge": Form(
        "decides each criterion for one answer", ("user",), _CHAT, _JUDGE, ("question", "rubric", "answer")
    ),
    "orchestrator": Form(
        "advises the challenger, where `feedback` is \"diagnosis\"", ("user", "advice"), _CHAT, _ORCHESTRATOR,
        ("failures",), {"advice": _ADVICE},
    ),
    "feedback": Form(
        "tells the challenger what failed: a heading a group",
        ("too_easy", "failed_on_strong", "failed_qv", "closing"), ("suspicious_zero", "not_novel"), {}, (),
    ),
}  # fmt: skip
"""By role, for the graph that most domains share."""

_SCREENER = Form(
    "chooses among several challengers' candidates", ("user",), _CHAT,
    {"title": "the document's title", "candidates": "the candidates, each with its number"}, ("candidates",),
)  # fmt: skip
_ANGLE = {"angle": "how this one of several challengers is to set about it"}

# What a verifier's brief adds for the challenger, and the roles that a verifier leaves without work.
_BRIEFS: Mapping[str, Mapping[str, str]] = {
    "numeric": {"kinds": "the kinds of question to choose from"},
    "code": {
        "tests_min": "the fewest tests",
        "tests_max": "the most tests",
        "wrong_min": "the fewest wrong solutions",
        "wrong_max": "the most wrong solutions",
        "program_max": "the longest program, in characters",
    },
}
_IDLE: Mapping[str, frozenset[str]] = {
    "numeric": frozenset({"quality_verifier", "judge"}),
    "code": frozenset({"judge"}),
}


def forms_of(file: DomainFile) -> dict[str, Form]:
    """By role, what a domain's prompt files may hold; of a graph with roles of its own, those that it shares."""
    if file.graph == "legal":
        return {role: FORMS[role] for role in ("solver", "judge")}
    several = file.graph == "science"
    challenger = FORMS["challenger"]
    brief = {**challenger.placeholders, **_BRIEFS.get(file.verifier, {}), **(_ANGLE if several else {})}
    forms = {**FORMS, "challenger": challenger._replace(placeholders=brief)}
    return {**forms, "screener": _SCREENER} if several else forms


def needed_by(file: DomainFile, feedback: str) -> list[str]:
    """The roles that a domain must have prompts for."""
    idle = _IDLE.get(file.verifier, frozenset()) | ({"orchestrator"} if feedback == "list" else frozenset())
    return [role for role in forms_of(file) if role not in idle]


def usable_domain(settings: Settings) -> Domain:
    """The domain that some settings name; UsageError with a sentence for each thing that would stop a run."""
    domain = load_domain(settings.domain, settings.domains)
    problems = domain_problems(domain, settings)
    if problems:
        raise UsageError("\n".join(problems))
    return domain


def domain_problems(domain: Domain, settings: Settings) -> list[str]:
    """What is wrong with a domain's prompts: roles, sections and placeholders, each in a sentence."""
    forms = forms_of(domain.file)
    found = [
        f"{domain.name}: `{role}.md` is missing; it {forms[role].purpose}"
        for role in needed_by(domain.file, settings.loop.feedback)
        if role not in domain.prompts
    ]
    for role, prompt in domain.prompts.items():
        if role in forms:
            found += [f"{domain.name}/{role}.md: {problem}" for problem in _problems(prompt, forms[role])]
        elif domain.file.graph == "self_instruct":
            found.append(f"{domain.name}/{role}.md: there is no role `{role}`{nearest(role, list(forms))}")
    for role in ("challenger", "quality_verifier"):
        used = domain.prompts[role].placeholders if role in domain.prompts else frozenset[str]()
        if "rubric_rules" in used and not domain.prompts[role].section(settings.rubric_style):
            heading = settings.rubric_style.capitalize()
            found.append(f"{domain.name}/{role}.md: `{{{{rubric_rules}}}}` needs a section `# {heading}`")
    return found


def _problems(prompt: Prompt, form: Form) -> Iterator[str]:
    """What is wrong with one prompt file."""
    headings = [heading for heading, _ in prompt.sections]
    read = {*form.needs, *form.may}
    for heading in form.needs:
        if heading not in headings:
            yield f"the section `# {heading.capitalize() if heading in _CHAT else heading}` is missing"
    for heading, body in prompt.sections:
        if not heading:
            yield f'the text before the first heading is sent to nobody: "{" ".join(body.split())[:60]}"'
            continue
        if heading not in read:
            yield f"the section `# {heading}` is read by nobody{nearest(heading, sorted(read))}"
        elif heading not in _CHAT and headings.count(heading) > 1:
            yield f"the section `# {heading}` stands there twice, and the second is read by nobody"
        yield from _misspelt_headings(body, read)
        yield from _placeholder_problems(heading, body, form)
    filled = (body for heading, body in prompt.sections if heading not in form.apart)
    shown = {name for body in filled for name in _BRACES.findall(body)}
    for name in form.shows:
        if name not in shown:
            yield f"it never shows `{{{{{name}}}}}`, {form.placeholders[name]}"


def _misspelt_headings(body: str, read: set[str]) -> Iterator[str]:
    """A heading that is nearly one of those that divide the file; another one is part of the prompt."""
    for heading in _HEADING.findall(body):
        near = get_close_matches(heading.lower(), sorted(read), 1, cutoff=0.8)
        if near:
            yield f"`# {heading}` is no section; did you mean `# {near[0]}`?"


def _placeholder_problems(heading: str, body: str, form: Form) -> Iterator[str]:
    """Unknown placeholders, those of other roles, and braces that are nearly one."""
    known = form.apart.get(heading, form.placeholders)
    if heading in _STYLES:  # these are what `rubric_rules` is filled with
        known = {name: holds for name, holds in known.items() if name not in _RULES}
    others = {name for other in FORMS.values() for name in (*other.placeholders, *other.apart.get("advice", ()))}
    for name in dict.fromkeys(_BRACES.findall(body)):
        if name in known:
            continue
        if name.strip() in known:
            yield f"`{{{{{name}}}}}` is sent as it is; write `{{{{{name.strip()}}}}}`"
        elif not known:
            yield f"`{{{{{name}}}}}` is not filled in: this file has no placeholders"
        elif name in others:
            yield f"`{{{{{name}}}}}` may not be shown here (`# {heading}`); allowed: {', '.join(known)}"
        else:
            yield f"unknown placeholder `{{{{{name}}}}}` in `# {heading}`{nearest(name, list(known))}"

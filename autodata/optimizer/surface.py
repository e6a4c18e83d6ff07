"""The edit surface: which files a candidate may change, and what must survive in them.

Solver and judge prompts, thresholds, attempts, models and the domain's file are outside it. An allow-list decides,
not a list of what is forbidden; what an allowed file says is checked line by line against the baseline.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

from autodata.optimizer.candidates import PromptSet
from autodata.optimizer.edits import EditError
from autodata.optimizer.smuggling import smuggled
from autodata.prompting import Prompt

EDITABLE = frozenset({"challenger.md", "feedback.md", "orchestrator.md", "quality_verifier.md"})
ADD_ONLY = frozenset({"quality_verifier.md"})
"""Its checks are fixed: a candidate that accepts more because it checks less would win for nothing."""
GROWTH_CHARS = 4_000
"""How much longer than the baseline's a file may get, however many edits led there."""

_PLACEHOLDER = re.compile(r"\{\{\w+\}\}")
_TEMPLATE = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")
_FRAME = re.compile(r"\{\{(?:document|fence)\}\}")


def check_edit(parent: PromptSet, child: PromptSet, baseline: PromptSet) -> None:
    """Let a candidate through, or raise EditError with the first reason against it."""
    for reason in problems(parent, child, baseline):
        raise EditError(reason)


def problems(parent: PromptSet, child: PromptSet, baseline: PromptSet) -> Iterator[str]:
    """What stands against a candidate, in the order in which it is checked."""
    if parent.files.keys() != child.files.keys():
        yield "no file may be added or removed"
        return
    changed = child.changed(parent)
    if not changed:
        yield "the edit changes nothing"
    for name in child.changed(baseline):
        if name not in EDITABLE:
            yield f"{name} may not be changed; only {', '.join(sorted(EDITABLE))} may"
            continue
        before, after = baseline.files[name], child.files[name]
        yield from (f"{name}: {problem}" for problem in _text_problems(name, before, after))
    for name in changed:
        added = _added(parent.files[name], child.files[name])
        yield from (f"{name}: {problem}" for problem in smuggled(added))


def _text_problems(name: str, before: str, after: str) -> Iterator[str]:
    """What must hold between a file and its baseline."""
    if len(after) > len(before) + GROWTH_CHARS:
        more = len(after) - len(before)
        yield f"it grew by {more} characters over the baseline, {GROWTH_CHARS} are allowed; take something out"
    hidden = next((char for char in after if _is_hidden(char) and char not in before), None)
    if hidden is not None:
        yield f"it holds the invisible character U+{ord(hidden):04X}"
    old, new = Prompt.parse(name, before), Prompt.parse(name, after)
    if [heading for heading, _ in old.sections] != [heading for heading, _ in new.sections]:
        yield "its headings (# System, # User, ...) must stay as they are, none added, moved or removed"
        return
    for (heading, was), (_, now) in zip(old.sections, new.sections, strict=True):
        if _PLACEHOLDER.findall(was) != _PLACEHOLDER.findall(now):
            yield f"the placeholders in # {heading} must stay, each once and in their order, and none may be added"
        if Counter(_frame(was)) != Counter(_frame(now)):
            yield f"the lines in # {heading} that fence the document in must stay word for word"
        if _TEMPLATE.search(_PLACEHOLDER.sub("", now)):
            yield f"# {heading} holds template code; there are placeholders only"
    if name in ADD_ONLY and not _survives(old, new):
        yield "its checks are fixed: lines may be added, none changed or removed"


def _frame(section: str) -> list[str]:
    return [line for line in section.splitlines() if _FRAME.search(line)]


def _survives(old: Prompt, new: Prompt) -> bool:
    """Whether every line of the old prompt stands in the new one, in its order."""
    for (_, was), (_, now) in zip(old.sections, new.sections, strict=True):
        left = iter(now.splitlines())
        if not all(line in left for line in was.splitlines()):
            return False
    return True


def _is_hidden(char: str) -> bool:
    """Whether a reader of the diff would not see a character: control, format, private and unassigned ones."""
    return char not in "\n\t" and unicodedata.category(char) in ("Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp")


def _added(before: str, after: str) -> str:
    """The lines of a file that were not in it before."""
    old = Counter(before.splitlines())
    return "\n".join(line for line in after.splitlines() if not old[line])

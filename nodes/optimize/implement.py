"""The implementer: turns the analysis into an edit; code applies it exactly, checks it, or refuses it whole."""

from typing import Any

from langgraph.runtime import Runtime
from typing_extensions import TypedDict

from autodata.errors import ReplyError
from autodata.models.asking import ask_structured
from autodata.models.request import Reply
from autodata.models.structured import read_answer, schema_of
from autodata.optimizer.answers import ImplementerAnswer
from autodata.optimizer.candidates import PromptSet
from autodata.optimizer.edits import EditError, apply_answer
from autodata.optimizer.surface import EDITABLE, check_edit
from nodes.optimize.state import HistoryLine, history_text
from nodes.optimize.workshop import Search, Workshop, prompt_of

ANSWER = schema_of(ImplementerAnswer, "implementer")
TRIES = 2
"""A refused edit is told why, once."""


class ImplementInput(TypedDict):
    """What these nodes read."""

    iteration: int
    parent: str
    analysis: list[dict[str, Any]]
    do_not_repeat: list[str]
    history: list[HistoryLine]
    tries: int
    refusal: str
    edit: dict[str, Any] | None


class ImplementUpdate(TypedDict):
    """The only keys that `implement` writes."""

    edit: dict[str, Any] | None
    tries: int
    refusal: str


class CheckUpdate(TypedDict, total=False):
    """The only keys that `check_edit` writes."""

    child: str | None
    summary: str
    refusal: str


async def implement(state: ImplementInput, runtime: Runtime[Search]) -> ImplementUpdate:
    """Ask for an edit of the parent's files; the second time with the reason why the first was refused."""
    workshop = runtime.context.workshop
    tries = state["tries"] + 1
    files = workshop.prompts(state["parent"]).files
    values = {
        "analysis": _told(state["analysis"], state["do_not_repeat"]),
        "history": history_text(state["history"]),
        "files": "\n\n".join(f"===== {name}\n{files[name]}" for name in sorted(EDITABLE & files.keys())),
        "refusal": state["refusal"],
    }
    messages = prompt_of("implementer").messages(values, *(["feedback"] if state["refusal"] else []))
    request = workshop.request("implementer", (state["iteration"], tries), messages, ANSWER)

    async def read(reply: Reply) -> ImplementerAnswer:
        return read_answer(reply.text, ImplementerAnswer, reply.truncated)

    try:
        answer = await ask_structured(workshop.resources.gateway, request, read, workshop.resources.settings.seed)
    except ReplyError as problem:
        return {"edit": None, "tries": TRIES, "refusal": f"no edit: {problem}"}
    return {"edit": answer.model_dump(), "tries": tries, "refusal": ""}


async def apply_and_check(state: ImplementInput, runtime: Runtime[Search]) -> CheckUpdate:
    """Make the child, if its edit applies exactly and stays on the edit surface."""
    workshop = runtime.context.workshop
    if state["edit"] is None:
        return {"child": None}
    answer = ImplementerAnswer.model_validate(state["edit"])
    try:
        child = _child(workshop, state["parent"], answer)
    except EditError as refused:
        return {"child": None, "summary": answer.summary, "refusal": str(refused)}
    workshop.keep(child)
    return {"child": child.id, "summary": answer.summary, "refusal": ""}


def _child(workshop: Workshop, parent: str, answer: ImplementerAnswer) -> PromptSet:
    before = workshop.prompts(parent)
    child = PromptSet(apply_answer(before.files, answer))
    check_edit(before, child, workshop.baseline)
    return child


def _told(patterns: list[dict[str, Any]], do_not_repeat: list[str]) -> str:
    """The analysis as the implementer reads it."""
    told = [
        f"{number}. {one['name']} ({one['share']:.0%} of the documents): {one['cause']}\n"
        f"   Change {one['target_file']}: {one['proposed_change']}"
        for number, one in enumerate(patterns, 1)
    ]
    return "\n".join([*told, *(f"Do not repeat: {line}" for line in do_not_repeat)])

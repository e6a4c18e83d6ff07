"""Reads a structured answer tolerantly, and never guesses: what stays ambiguous is unreadable."""

import copy
import re
from collections.abc import Iterator
from typing import Any, TypeVar, get_origin

from pydantic import BaseModel, ValidationError

from autodata.errors import ReplyError
from autodata.models.json_text import objects_in
from autodata.models.request import Schema

M = TypeVar("M", bound=BaseModel)

_UNSENT = ("title", "default", "minLength", "maxLength", "minimum", "maximum", "pattern")
_NUMBERED = re.compile(r"(?:criterion|item|no\.?|#)?\s*#?(\d+)\s*[.:)]?", re.IGNORECASE)
_NOTHING = ("", "none", "n/a", "-")
_MENDS = 3
"""A mended place can show another one inside it: a list for an object, then the object's own fields."""


def read_answer(text: str, model: type[M], cut: bool = False) -> M:
    """The answer in a model's text, whatever stands around it.

    Args:
        text: the reply, without hidden thinking.
        model: what the answer must be.
        cut: whether the token limit ended the reply; a cut-off object is then not completed by guessing.

    Raises:
        ReplyError: if no reading satisfies `model`, or two readings do and differ.
    """
    objects = _found(text, cut)
    problem = "it holds no JSON object"
    for candidates in (objects, _inside(objects), _gathered(objects, model)):
        found: list[M] = []
        for candidate in candidates:
            try:
                answer = _validated(model, candidate)
            except ValidationError as error:
                problem = _first(error) if candidates is objects else problem
                continue
            if answer not in found:
                found.append(answer)
        if len(found) > 1:
            raise ReplyError("it holds several different answers; give one JSON object")
        if found:
            return found[0]
    raise ReplyError(_CUT if cut else problem)


def read_object(text: str, cut: bool = False) -> dict[str, Any]:
    """The one JSON object in a text; ReplyError if there is none or several."""
    found: list[dict[str, Any]] = []
    for value in _found(text, cut):
        if value not in found:
            found.append(value)
    if not found:
        raise ReplyError(_CUT if cut else "it holds no JSON object")
    if len(found) > 1:
        raise ReplyError("it holds several JSON objects")
    return found[0]


_CUT = "the token limit cut it off; if that happens often, raise `max_tokens` for this role"
_SPENT = "the token limit was spent before any answer began, on hidden thinking; raise `max_tokens` for this role"


def _found(text: str, cut: bool) -> list[dict[str, Any]]:
    if not text.strip():
        raise ReplyError(_SPENT if cut else "the answer is empty")
    return objects_in(text, repair=not cut)


def _inside(objects: list[dict[str, Any]]) -> list[Any]:
    """What the objects hold, for an answer that is wrapped once: `{"answer": {..}}`, or a tool's arguments."""
    held: list[Any] = []
    for value in (value for each in objects for value in each.values()):
        if isinstance(value, dict):
            held.append(value)
        elif isinstance(value, str) and value.lstrip().startswith("{"):
            held += objects_in(value, repair=False)
    return held


def _gathered(objects: list[dict[str, Any]], model: type[BaseModel]) -> Iterator[dict[str, Any]]:
    """The objects as the one list that `model` holds, for an answer that is a bare list, or an entry a line."""
    fields = list(model.model_fields.items())
    if objects and len(fields) == 1 and get_origin(fields[0][1].annotation) is list:
        yield {fields[0][0]: objects}


def _validated(model: type[M], candidate: Any) -> M:
    """The candidate as `model`, with types mended that can mean only one thing."""
    for _ in range(_MENDS):
        try:
            return model.model_validate(candidate)
        except ValidationError as error:
            candidate = _mended(candidate, error)
    return model.model_validate(candidate)


def _mended(candidate: Any, error: ValidationError) -> Any:
    """A copy in which each place that an error names holds what it can only mean; unchanged where nothing can."""
    mended = copy.deepcopy(candidate)
    for problem in error.errors(include_url=False, include_context=False):
        better = _meant(problem["type"], problem["input"])
        if better is None or not problem["loc"]:
            continue
        *parents, last = problem["loc"]
        place = mended
        for step in parents:
            place = place[step]
        place[last] = better
    return mended


def _meant(kind: str, given: Any) -> Any:
    """What a value of the wrong type means, or None if that is not certain. A verdict is never one of these."""
    if kind == "list_type":
        return _as_list(given)
    if kind == "string_type":
        if given is None:
            return ""
        if isinstance(given, list) and all(isinstance(part, str) for part in given):
            return "\n".join(given)
        return str(given) if type(given) in (int, float) and given == given else None
    if kind == "int_parsing":
        numbered = _NUMBERED.fullmatch(str(given).strip())
        return int(numbered[1]) if numbered else None
    if kind in ("literal_error", "bool_parsing") and isinstance(given, str):
        return given.strip().strip(".").casefold()
    return None


def _as_list(given: Any) -> list[Any] | None:
    """A lone entry as a list of one, nothing as an empty one, and an object by number as its entries."""
    if given is None:
        return []
    if isinstance(given, str):
        return [] if given.strip().casefold() in _NOTHING else [given]
    if not isinstance(given, dict):
        return None
    if given and all(key.isdigit() and isinstance(value, dict) for key, value in given.items()):
        return [{"criterion": int(key), **value} for key, value in given.items()]
    return [given]


def _first(error: ValidationError) -> str:
    problem = error.errors(include_url=False)[0]
    place = ".".join(str(step) for step in problem["loc"])
    return f"`{place}`: {problem['msg']}" if place else problem["msg"]


def schema_of(model: type[BaseModel], name: str) -> Schema:
    """The JSON schema that is sent for an answer: strict, every field required, nothing that servers refuse."""
    return Schema(name, _sendable(model.model_json_schema()))


def _sendable(node: Any) -> Any:
    """A schema without annotations, and with objects closed."""
    if isinstance(node, list):
        return [_sendable(entry) for entry in node]
    if not isinstance(node, dict):
        return node
    kept = {
        key: {name: _sendable(inner) for name, inner in value.items()}
        if key in ("properties", "$defs")
        else _sendable(value)
        for key, value in node.items()
        if key not in _UNSENT
    }
    if kept.get("type") == "object" and "properties" in kept:
        kept["additionalProperties"] = False
        kept["required"] = list(kept["properties"])
    return kept

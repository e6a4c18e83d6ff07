"""Reads a structured answer tolerantly, and never guesses: what stays ambiguous is unreadable."""

import json
import re
from collections.abc import Iterator
from typing import Any, TypeVar

import json_repair
from pydantic import BaseModel, ValidationError

from autodata.errors import ReplyError
from autodata.models.request import Schema

M = TypeVar("M", bound=BaseModel)

_FENCE = re.compile(r"```[\w-]*\s*\n?(.*?)```", re.DOTALL)
_UNSENT = ("title", "default", "minLength", "maxLength", "minimum", "maximum", "pattern")


def read_answer(text: str, model: type[M], cut: bool = False) -> M:
    """The answer in a model's text, whatever stands around it.

    Args:
        text: the reply, without hidden thinking.
        model: what the answer must be.
        cut: whether the token limit ended the reply; a cut-off object is then not completed by guessing.

    Raises:
        ReplyError: if no reading satisfies `model`, or two readings do and differ.
    """
    if not text.strip():
        raise ReplyError("the answer is empty")
    problem = "it holds no JSON object"
    found: list[M] = []
    for candidate in _objects(text, repair=not cut):
        try:
            answer = model.model_validate(candidate)
        except ValidationError as error:
            problem = _first(error)
            continue
        if answer not in found:
            found.append(answer)
    if len(found) > 1:
        raise ReplyError("it holds several different answers; give one JSON object")
    if not found:
        raise ReplyError("the token limit cut it off" if cut else problem)
    return found[0]


def read_object(text: str, cut: bool = False) -> dict[str, Any]:
    """The one JSON object in a text; ReplyError if there is none or several."""
    found = list(_objects(text, repair=not cut))
    if len(found) != 1:
        raise ReplyError("it holds several JSON objects" if found else "it holds no JSON object")
    return found[0]


def _objects(text: str, repair: bool) -> Iterator[dict[str, Any]]:
    """Every JSON object that the text can be read as: as it is, in fences, in prose, or repaired."""
    strict = list(_strict(text))
    yield from strict
    if strict or not repair:
        return
    for piece in [*_FENCE.findall(text), _braces(text)]:
        repaired = json_repair.loads(piece) if piece else None
        for value in repaired if isinstance(repaired, list) else [repaired]:
            if isinstance(value, dict) and value:
                yield value


def _strict(text: str) -> Iterator[dict[str, Any]]:
    """The outermost objects that are valid JSON, in order."""
    decoder = json.JSONDecoder()
    at = text.find("{")
    while at >= 0:
        try:
            value, end = decoder.raw_decode(text, at)
        except ValueError:
            end = at + 1
        else:
            yield value
        at = text.find("{", end)


def _braces(text: str) -> str:
    """From the first opening brace on."""
    at = text.find("{")
    return text[at:] if at >= 0 else ""


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

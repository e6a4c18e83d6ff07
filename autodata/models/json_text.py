"""Finds the JSON objects in a model's text: as they are, in prose, or repaired where that is no guess."""

import json
import re
from collections.abc import Iterator
from typing import Any

import json_repair

from autodata.errors import ReplyError

_FENCE = re.compile(r"(?:```|~~~)[\w-]*\s*\n?(.*?)(?:```|~~~)", re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_OPENS = re.compile(r"\{\s*(?:[\"'“]|\w+\s*:)")
_ENDS_WHOLE = re.compile(r"(?:[\"'”\]}]|\b(?:true|false|null|none))\Z", re.IGNORECASE)
_BRACKET = re.compile(r"[{}\[\]]")
_DEEPEST = 64
"""No answer nests deeper; what does would take a parser long, or all of the stack."""
_KEY = re.compile(r"[\"'“]?(\w+)[\"'”]?\s*:")


def objects_in(text: str, repair: bool = True) -> list[dict[str, Any]]:
    """Every outermost JSON object that a text can be read as, in order.

    Args:
        text: what a model wrote.
        repair: whether broken JSON may be mended: quotes, commas, comments, closing brackets; never a value.

    Raises:
        ReplyError: if an object gives one key twice with different values, or nests deeper than any answer.
    """
    text = _unquoted(text.replace("\ufeff", "").strip())
    if _nesting(text) > _DEEPEST:
        raise ReplyError("it is nested too deeply")
    strict = list(_strict(text))
    if strict or not repair:
        return strict
    return [value for piece in [*_FENCE.findall(text), _braces(text)] for value in _repaired(piece)]


def _nesting(text: str) -> int:
    """How deep the brackets of a text nest at most, those in its strings left out."""
    depth = deepest = 0
    for bracket in _BRACKET.findall(_STRING.sub("", text)):
        depth += 1 if bracket in "{[" else -1
        deepest = max(deepest, depth)
    return deepest


def _unquoted(text: str) -> str:
    """A text that is one JSON string holding the answer, without that wrapping."""
    if text[:1] != '"':
        return text
    try:
        inner = json.loads(text)
    except ValueError:
        return text
    return inner if isinstance(inner, str) else text


def _strict(text: str) -> Iterator[dict[str, Any]]:
    """The outermost objects that are valid JSON; what stands inside a broken one is a part, not an answer."""
    decoder = json.JSONDecoder(object_pairs_hook=_unique)
    broken: int | None = None
    at = text.find("{")
    while at >= 0:
        try:
            value, end = decoder.raw_decode(text, at)
        except ValueError:
            end = at + 1
            if broken is None and _OPENS.match(text, at):
                broken = at
        except RecursionError:
            raise ReplyError("it is nested too deeply") from None
        else:
            if broken is None or _depth(text[broken:at]) <= 0:
                yield value
        at = text.find("{", end)


def _depth(text: str) -> int:
    """How many brackets a text leaves open."""
    bare = _STRING.sub("", text)
    return sum(bare.count(mark) for mark in "{[") - sum(bare.count(mark) for mark in "}]")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; which of two values for one key is meant, nobody can say."""
    made: dict[str, Any] = {}
    for key, value in pairs:
        if key in made and made[key] != value:
            raise ReplyError(f"it gives `{key}` twice, with different values")
        made[key] = value
    return made


def _repaired(piece: str) -> Iterator[dict[str, Any]]:
    """The objects in broken JSON, unless mending it would be a guess."""
    if not piece or _breaks_off(piece):
        return
    repaired = json_repair.loads(piece)
    for value in repaired if isinstance(repaired, list) else [repaired]:
        if isinstance(value, dict) and value:
            if _loses_keys(piece, repaired):
                raise ReplyError("it gives a key twice")
            yield value


def _breaks_off(piece: str) -> bool:
    """Whether a text ends inside a value: only brackets that are missing after a whole value may be closed."""
    bare = _STRING.sub('""', piece)
    return _depth(piece) > 0 and (bare.count('"') % 2 == 1 or not _ENDS_WHOLE.search(bare.rstrip()))


def _loses_keys(piece: str, repaired: Any) -> bool:
    """Whether the text names a key more often than what was made of it holds it: the repair keeps the last."""
    kept: list[str] = []

    def walk(node: Any) -> None:
        for value in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            walk(value)
        kept.extend(node if isinstance(node, dict) else ())

    walk(repaired)
    named = _KEY.findall(piece)
    return any(named.count(key) > kept.count(key) for key in set(kept))


def _braces(text: str) -> str:
    """From the first opening brace on."""
    at = text.find("{")
    return text[at:] if at >= 0 else ""

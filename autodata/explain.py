"""Turns a validation error into one sentence that names the key, what is wrong with it and the mend."""

import difflib
from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError


def explain(error: ValidationError, model: type[BaseModel], origins: Mapping[str, str]) -> str:
    """The first problem of a configuration, in words.

    Args:
        error: what pydantic found.
        model: the root model that was validated.
        origins: for each dotted key the file or layer that gave it.
    """
    problem = error.errors(include_url=False)[0]
    path = ".".join(str(step) for step in problem["loc"])
    where = _origin(path, origins)
    if problem["type"] == "extra_forbidden":
        return f"{where}: unknown key `{path}`{_nearest(problem['loc'], model)}"
    if problem["type"] == "missing":
        return f"{where}: `{path}` is missing; add it"
    given = problem["input"]
    shown = f" (it is {given!r})" if isinstance(given, str | int | float | bool) else ""
    return f"{where}: `{path}`: {problem['msg'][0].lower()}{problem['msg'][1:]}{shown}"


def _origin(path: str, origins: Mapping[str, str]) -> str:
    """The layer that gave a key, or any key below it."""
    return next((origin for key, origin in origins.items() if f"{key}.".startswith(f"{path}.")), "configuration")


def _nearest(location: tuple[int | str, ...], model: type[BaseModel]) -> str:
    """`; did you mean X?`, or the keys that are known at that place."""
    *parents, key = location
    known = sorted(_fields_at(parents, model))
    near = difflib.get_close_matches(str(key), known, 1)
    return f"; did you mean `{near[0]}`?" if near else f"; known here: {', '.join(known)}"


def _fields_at(parents: list[int | str], model: type[BaseModel]) -> list[str]:
    """The field names of the model that sits at a place in the tree."""
    here: Any = model
    for step in parents:
        if isinstance(here, type) and issubclass(here, BaseModel):
            field = here.model_fields.get(str(step))
            here = field.annotation if field else None
        else:  # a dict of models: the step is one of its keys
            here = next((inner for inner in get_args(here) if isinstance(inner, type)), None)
        if get_args(here) and not isinstance(here, type):
            here = next((i for i in get_args(here) if isinstance(i, type) and issubclass(i, BaseModel)), here)
    return list(here.model_fields) if isinstance(here, type) and issubclass(here, BaseModel) else []

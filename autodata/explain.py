"""Turns a validation error into one sentence that names the key, what is wrong with it and the mend."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from autodata.layers import Stack
from autodata.schemas import ROLES

SECRET = "secret"
"""The type of a problem whose value is not shown: it may be a key."""


def explain(error: ValidationError, model: type[BaseModel], stacked: Stack) -> str:
    """The first problem of a configuration, in words."""
    return explanations(error, model, stacked)[0]


def explanations(error: ValidationError, model: type[BaseModel], stacked: Stack) -> list[str]:
    """Every problem of some settings, each a sentence, under the key as it was written.

    Args:
        error: what pydantic found.
        model: the root model that was validated.
        stacked: the settings, with the file or layer that gave each.
    """
    return [_sentence(problem, model, stacked) for problem in error.errors(include_url=False)]


def _sentence(problem: Mapping[str, Any], model: type[BaseModel], stacked: Stack) -> str:
    """One problem, in words."""
    path = ".".join(str(step) for step in problem["loc"])
    where = next((origin for key, origin in stacked.origins.items() if f"{key}.".startswith(f"{path}.")), "")
    written = stacked.inherited.get(path, path)
    said = problem["msg"][0].lower() + problem["msg"][1:]
    if problem["loc"][-1] == "[key]":
        name = str(problem["loc"][-2])
        said = f"unknown role `{name}`{nearest(name, [*ROLES, 'default'])}"
    elif problem["type"] == "extra_forbidden":
        known = _fields_at(problem["loc"][:-1], model)
        said = f"unknown key `{written}`{nearest(str(problem['loc'][-1]), known)}"
    elif problem["type"] == "missing":
        parent = path.rpartition(".")[0]
        own = stacked.inherited.get(f"{parent}.provider") == f"{parent}.provider"
        said = f"`{path if own else _base(path)}` is missing; add it"
    else:
        given = problem["input"]
        shown = f" (it is {given!r})" if isinstance(given, str | int | float | bool) else ""
        shown = "" if problem["type"] == SECRET else shown
        said = f"`{written}`: {said}{shown}"
    return f"{where}: {said}" if where else said


def nearest(name: str, known: Sequence[str]) -> str:
    """`; did you mean X?`, or what is known."""
    near = difflib.get_close_matches(name, known, 1)
    return f"; did you mean `{near[0]}`?" if near else f"; known here: {', '.join(sorted(known))}"


def _base(path: str) -> str:
    """The place to add a missing key: what every role lacks belongs into `models.default`."""
    parts = path.split(".")
    return ".".join(["models", "default", *parts[2:]]) if parts[0] == "models" and len(parts) > 2 else path


def _fields_at(parents: Sequence[int | str], model: type[BaseModel]) -> list[str]:
    """The field names of the model that sits at a place in the tree."""
    here: Any = model
    for step in parents:
        if isinstance(here, type) and issubclass(here, BaseModel):
            here = here.model_fields[str(step)].annotation
        else:  # a dict of models: the step is one of its keys
            here = get_args(here)[1]
    return list(here.model_fields) if isinstance(here, type) and issubclass(here, BaseModel) else []

"""Stacks configuration layers, and remembers which layer each value came from."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple


class Layer(NamedTuple):
    """A nested table of settings and the name a person knows it by, such as `autodata.toml`."""

    origin: str
    values: Mapping[str, Any]


class Stack(NamedTuple):
    """The merged settings, and for each dotted key the origin of its value."""

    values: dict[str, Any]
    origins: dict[str, str]
    inherited: dict[str, str]
    """For each key that was taken from another table, the key it was written as."""


def stack(layers: Sequence[Layer]) -> Stack:
    """Merge layers, the last one winning; tables merge key by key, everything else is replaced."""
    merged = Stack({}, {}, {})
    for layer in layers:
        _lay(merged.values, layer.values, layer.origin, "", merged.origins)
    return merged


def _lay(
    below: dict[str, Any], above: Mapping[str, Any], origin: str, prefix: str, origins: dict[str, str]
) -> None:
    """Lay one table over another, in place."""
    for key, value in above.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping):
            table = below.get(key)
            below[key] = table = table if isinstance(table, dict) else {}
            _lay(table, value, origin, f"{path}.", origins)
        else:
            below[key] = value
            origins[path] = origin


def inherit(
    stacked: Stack,
    table: str,
    names: Sequence[str],
    base: str,
    defaults: Mapping[str, Mapping[str, Any]],
    unshared: Mapping[str, Collection[str]],
) -> Stack:
    """Resolve a table of tables in which every name takes missing keys from `base`.

    `defaults` holds, a name, values that count only where neither the name nor `base` gives one; `unshared`, a
    name, keys that it does not take from `base`.
    """
    tables = stacked.values.get(table, {})
    if not isinstance(tables, Mapping):
        return stacked
    origins = {key: origin for key, origin in stacked.origins.items() if not key.startswith(f"{table}.")}
    inherited: dict[str, str] = {}
    resolved: dict[str, Any] = {name: value for name, value in tables.items() if name != base}
    for name in names:
        resolved[name] = {}
        _lay(resolved[name], defaults.get(name, {}), "default", f"{table}.{name}.", origins)
        for source in (base, name):
            given = tables.get(source, {})
            for key, value in given.items() if isinstance(given, Mapping) else [("", given)]:
                if source == base and key in unshared.get(name, ()):
                    continue
                resolved[name][key] = value
                path = f"{table}.{name}.{key}"
                inherited[path] = f"{table}.{source}.{key}"
                origins[path] = stacked.origins.get(inherited[path], "default")
    return Stack({**stacked.values, table: resolved}, origins, inherited)

"""Finds the files that a run reads, in an order that does not depend on the file system."""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from autodata.errors import UsageError

SUFFIXES = (".md", ".markdown", ".txt")


class Source(NamedTuple):
    """A file to read, by the name that reports use and by its size in bytes."""

    path: Path
    name: str
    size: int


def find_sources(paths: Sequence[Path]) -> list[Source]:
    """Every file under some files and folders; in a folder, all but hidden ones, in the order of their names.

    Raises:
        UsageError: if a path is missing, or there is nothing to read.
    """
    found = list(_found(paths))
    if not found:
        shown = ", ".join(map(str, paths))
        raise UsageError(f"{shown} holds no document; give files or folders of {', '.join(SUFFIXES)}")
    return found


def _found(paths: Iterable[Path]) -> Iterator[Source]:
    seen: set[Path] = set()
    names: set[str] = set()
    for path in paths:
        if not path.exists():
            raise UsageError(f"no file or folder {path}; check the path")
        for file, name in _files(path) if path.is_dir() else [(path, path.name)]:
            resolved = file.resolve()
            if resolved not in seen:
                seen.add(resolved)
                unique = name if name not in names else str(resolved)  # two folders may hold the same names
                names.add(unique)
                yield Source(file, unique, file.stat().st_size)


def _files(folder: Path) -> Iterator[tuple[Path, str]]:
    for base, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith("."):
                path = Path(base) / name
                yield path, path.relative_to(folder).as_posix()

"""Finds the files that a run reads, without opening them, in an order that does not depend on the file system."""

import glob
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from autodata.documents.formats import SUFFIXES, suffix_of
from autodata.documents.jsonl import lines_of
from autodata.errors import UsageError


class Source(NamedTuple):
    """A document to read: a file, or a line of a JSONL file."""

    path: str
    name: str
    """The name that reports use; a line of a JSONL file is named `FILE:LINE`."""
    size: int
    """In bytes."""
    offset: int | None = None
    """Where the line begins, in bytes; None for a whole file."""
    documents: int = 1
    """How many documents it holds: the lines of a JSONL file."""


def find_sources(paths: Sequence[Path | str]) -> list[Source]:
    """Every file that some files, folders and globs name; in a folder, all but hidden ones, by their names.

    Links to folders are not followed. Nothing is read but JSONL files, whose lines are counted.

    Raises:
        UsageError: if a path is missing, or there is nothing to read.
    """
    found = list(_found(paths))
    if not found:
        shown = ", ".join(map(str, paths))
        raise UsageError(f"{shown} holds no document; give files or folders of {', '.join(SUFFIXES)}")
    return found


def each_document(sources: Iterable[Source]) -> Iterator[Source]:
    """The documents in some sources, one after another; a JSONL file is gone through as they are asked for."""
    for source in sources:
        if not _holds_lines(source.path):
            yield source
        else:
            for line in lines_of(source.path):
                yield Source(source.path, f"{source.name}:{line.number}", line.size, line.offset)


def _found(paths: Iterable[Path | str]) -> Iterator[Source]:
    seen: set[tuple[int, int]] = set()
    names: set[str] = set()
    for given in paths:
        for path in _expanded(given):
            for file, name, status in _files(path) if os.path.isdir(path) else [_file(path)]:
                place = (status.st_dev, status.st_ino)
                if place not in seen:
                    seen.add(place)
                    unique = name if name not in names else os.path.realpath(file)  # folders may share names
                    names.add(unique)
                    yield Source(file, unique, status.st_size, documents=_count(file))


def _count(file: str) -> int:
    """How many documents a file holds; one that cannot be opened is reported when its turn comes."""
    if not _holds_lines(file):
        return 1
    return sum(1 for _ in lines_of(file))


def _holds_lines(file: str) -> bool:
    return suffix_of(file) == ".jsonl" and os.path.isfile(file) and os.access(file, os.R_OK)


def _expanded(given: Path | str) -> list[str]:
    """A path as it is, or the files that a glob such as `papers/**/*.pdf` names."""
    path = str(given)
    if os.path.exists(path):
        return [path]
    if not glob.has_magic(path):
        raise UsageError(f"no file or folder {path}; check the path")
    matched = sorted(glob.glob(path, recursive=True))
    if not matched:
        raise UsageError(f"nothing matches {path}; check the pattern")
    return [found for found in matched if not os.path.isdir(found)] or matched


def _file(path: str) -> tuple[str, str, os.stat_result]:
    return path, os.path.basename(path), os.stat(path)


def _status(entry: os.DirEntry[str]) -> os.stat_result:
    """The status of the file that a link leads to; of the link itself, if it leads nowhere."""
    try:
        return entry.stat()
    except OSError:
        return entry.stat(follow_symlinks=False)


def _files(folder: str, prefix: str = "") -> Iterator[tuple[str, str, os.stat_result]]:
    """The files under a folder: path, name below the folder, and status."""
    try:
        with os.scandir(folder) as entries:
            listed = sorted(entries, key=lambda entry: entry.name)
    except OSError as problem:
        raise UsageError(f"{folder} cannot be listed: {problem.strerror}; check its permissions") from None
    folders = []
    for entry in listed:
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            folders.append(entry)
        else:
            yield entry.path, prefix + entry.name, _status(entry)
    for entry in folders:
        yield from _files(entry.path, f"{prefix}{entry.name}/")

"""Applies an implementer's answer exactly, or refuses it whole and says why; nothing is dropped in silence."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from autodata.errors import ReplyError
from autodata.optimizer.answers import ImplementerAnswer

_HUNK = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+\d+(?:,(\d+))? @@")
_FILE_OPERATION = re.compile(
    r"^(old mode|new mode|new file mode|deleted file mode|rename|copy|similarity|dissimilarity|GIT binary|Binary)"
)
_NO_NEWLINE = "\\ No newline at end of file"


class EditError(ReplyError):
    """An edit that is refused whole; the message goes back to the implementer, once."""


class Edit(NamedTuple):
    """Replace a text, which must stand in the file exactly once, or at the line that a diff names."""

    file: str
    search: str
    replace: str
    line: int | None = None


def apply_answer(files: Mapping[str, str], answer: ImplementerAnswer) -> dict[str, str]:
    """The files as the answer changes them.

    Raises:
        EditError: if anything in it does not apply exactly; nothing is changed then.
    """
    edits = [Edit(edit.file, edit.search, edit.replace) for edit in answer.edits]
    if bool(edits) == bool(answer.diff.strip()):
        raise EditError("give either search/replace edits or a diff" + (", not both" if edits else ""))
    if not edits:
        return _apply(files, parse_diff(answer.diff))
    return _apply(files, edits)


def parse_diff(diff: str) -> list[Edit]:
    """The hunks of a unified diff, each as the lines that it takes out and puts in."""
    edits: list[Edit] = []
    lines = diff.strip("\n").split("\n")
    old, name, at = "", "", 0
    while at < len(lines):
        line = lines[at]
        if _FILE_OPERATION.match(line):
            raise EditError(f"the diff does more than change lines: {line!r}")
        if line.startswith("--- "):
            old, name = _path(line), ""
        elif line.startswith("+++ "):
            name = _path(line)
            if name != old:
                raise EditError(f"the diff renames {old} to {name}")
        elif found := _HUNK.match(line):
            if not name:
                raise EditError("a hunk without the file that it belongs to")
            counts = [int(count) if count else 1 for count in found.group(2, 3)]
            body = _counted_body(lines[at + 1 :], *counts) or _body(lines[at + 1 :])
            at += 1 + len(body)
            edits.append(_hunk(name, body, int(found[1])))
            continue
        elif line.strip() and not line.startswith(("diff --git ", "index ")):
            raise EditError(f"the diff holds a line that is none of a diff: {line[:60]!r}")
        at += 1
    if not edits:
        raise EditError("the diff holds no hunk")
    return edits


def _path(line: str) -> str:
    """The file in a diff's header, without git's prefix."""
    path = line[4:].split("\t")[0].strip()
    return path[2:] if path.startswith(("a/", "b/")) else path


def _body(lines: Sequence[str]) -> list[str]:
    """The lines of a hunk, up to the next that cannot be one of it."""
    for at, line in enumerate(lines):
        if (line and line[0] not in "+- \\") or _is_header(lines, at):
            return list(lines[:at])
    return list(lines)


def _counted_body(lines: Sequence[str], old: int, new: int) -> list[str] | None:
    """The lines of a hunk as its header counts them; None if it miscounts, as models do.

    Only the count tells a removed line that begins with two dashes from a header.
    """
    end = 0
    while (old or new) and end < len(lines):
        sign = lines[end][:1] or " "
        old, new, end = old - (sign in "- "), new - (sign in "+ "), end + 1
    if end < len(lines) and lines[end] == _NO_NEWLINE:
        end += 1
    ends_there = end == len(lines) or lines[end][:1] not in ("+", "-", " ") or _is_header(lines, end)
    return list(lines[:end]) if old == new == 0 and ends_there else None


def _is_header(lines: Sequence[str], at: int) -> bool:
    return lines[at].startswith("--- ") and lines[at + 1 : at + 2] != [] and lines[at + 1].startswith("+++ ")


def _hunk(name: str, body: Sequence[str], line: int) -> Edit:
    search: list[str] = []
    replace: list[str] = []
    sides = {"-": [search], "+": [replace], " ": [search, replace]}
    last: list[list[str]] = []
    for line_of_hunk in body:
        entry = line_of_hunk or " "  # editors strip the blank of an empty context line
        if entry == _NO_NEWLINE:
            for side in last:
                side[-1] = side[-1].removesuffix("\n")
            continue
        last = sides[entry[0]] if entry[0] in sides else _refuse(f"an odd line in a hunk: {entry[:60]!r}")
        for side in last:
            side.append(f"{entry[1:]}\n")
    if not search:
        raise EditError(f"a hunk for {name} has no line of the file to stand at; give it some context")
    return Edit(name, "".join(search), "".join(replace), line)


def _refuse(why: str) -> list[list[str]]:
    raise EditError(why)


def _apply(files: Mapping[str, str], edits: Sequence[Edit]) -> dict[str, str]:
    changed = dict(files)
    shifted: dict[str, int] = {}
    for edit in edits:
        if edit.file not in changed:
            raise EditError(f"there is no file {edit.file!r}; the files are {', '.join(sorted(files))}")
        if not edit.search:
            raise EditError(f"an edit of {edit.file} has an empty search text")
        text = changed[edit.file]
        at = _place(edit, text, shifted.get(edit.file, 0))
        changed[edit.file] = text[:at] + edit.replace + text[at + len(edit.search) :]
        shifted[edit.file] = shifted.get(edit.file, 0) + edit.replace.count("\n") - edit.search.count("\n")
    if changed == dict(files):
        raise EditError("the edit changes nothing")
    return changed


def _place(edit: Edit, text: str, shifted: int) -> int:
    """Where an edit belongs: where its text stands, if once; of several places the one that its line names."""
    places = [found.start() for found in re.finditer(f"(?={re.escape(edit.search)})", text)]
    if edit.line is not None:  # a hunk begins at the beginning of a line
        places = [at for at in places if at == 0 or text[at - 1] == "\n"]
    if len(places) == 1:
        return places[0]
    named = [at for at in places if edit.line is not None and text.count("\n", 0, at) + 1 == edit.line + shifted]
    if len(named) == 1:
        return named[0]
    shown = " ".join(edit.search.split())[:60]
    if places:
        raise EditError(f"{shown!r} stands {len(places)} times in {edit.file}; give more of its surroundings")
    raise EditError(f"{shown!r} does not stand in {edit.file} exactly so")

"""Candidates: prompt sets addressed by their content, each with a diff against another that `git apply` takes."""

import difflib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from autodata.errors import UsageError
from autodata.schemas import fingerprint


@dataclass(frozen=True)
class PromptSet:
    """A domain's prompt files, by name: `challenger.md`, `feedback.md`, `domain.toml` and so on."""

    files: Mapping[str, str]

    @classmethod
    def read(cls, folder: Path) -> "PromptSet":
        """The files of a domain's folder; UsageError if one of them is a link, which could lead anywhere."""
        files: dict[str, str] = {}
        for path in sorted(folder.iterdir()):
            if path.suffix not in (".md", ".toml"):
                continue
            if path.is_symlink():
                raise UsageError(f"{path} is a symbolic link; put the file itself there")
            # Not `read_text`: it would turn CRLF into LF, and the diff would not apply.
            files[path.name] = path.read_bytes().decode("utf-8")
        return cls(files)

    @cached_property
    def id(self) -> str:
        """The candidate's name: a hash of all file names and texts."""
        return fingerprint(repr(sorted(self.files.items())))[:12]

    def changed(self, other: "PromptSet") -> list[str]:
        """The names of the files in which the two differ."""
        names = sorted({*self.files, *other.files})
        return [name for name in names if self.files.get(name) != other.files.get(name)]

    def diff(self, baseline: "PromptSet") -> str:
        """How to come from `baseline` to this set, for `git apply` in the prompts' folder; empty if equal.

        Raises:
            ValueError: if the two do not hold the same files; a candidate adds none and removes none.
        """
        if self.files.keys() != baseline.files.keys():
            raise ValueError("two prompt sets with different files")
        return "".join(
            piece
            for name in self.changed(baseline)
            for piece in _file_diff(name, baseline.files[name], self.files[name])
        )

    def write(self, folder: Path) -> None:
        """Write the files into a folder, atomically each; UsageError if a link stands where one belongs."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in self.files.items():
            path = folder / name
            if Path(name).name != name or path.is_symlink():
                raise UsageError(f"{path} is no plain file in {folder}; nothing is written through links")
            fresh = path.with_name(f".{name}.new")
            fresh.write_bytes(text.encode("utf-8"))
            os.replace(fresh, path)


def _file_diff(name: str, before: str, after: str) -> Iterator[str]:
    # No `diff --git` line: with one, git reads the paths from the repository's top, and skips them without a word.
    for line in difflib.unified_diff(_lines(before), _lines(after), f"a/{name}", f"b/{name}"):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(text: str) -> list[str]:
    """The lines as git sees them: only a line feed ends one."""
    pieces = text.split("\n")
    return [f"{piece}\n" for piece in pieces[:-1]] + ([pieces[-1]] if pieces[-1] else [])

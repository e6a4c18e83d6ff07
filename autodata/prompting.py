"""Loads a domain's prompt files, fills their logic-less `{{placeholders}}` and hashes a prompt set."""

import difflib
import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import Field, ValidationError, ValidationInfo, field_validator

from autodata.errors import UsageError
from autodata.explain import explanations
from autodata.layers import Layer, stack
from autodata.schemas import Frozen, fingerprint

PROMPTS = Path(__file__).parent.parent / "prompts"

Speaker = Literal["system", "user", "assistant"]
RubricStyle = Literal["mixed", "positive_only"]
Check = Literal["citation", "context_leak", "number_leak", "unseen_text", "dominant_criterion", "phrasing"]
# Only these headings divide a file: a prompt may hold headings of its own.
_SECTION = re.compile(
    r"^# (System|User|Assistant|Task|Feedback|Audit|Advice|Mixed|Positive_only|"
    r"too_easy|suspicious_zero|failed_on_strong|failed_qv|not_novel|closing)[ \t]*$",
    re.MULTILINE,
)
_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")
_COMMENT = re.compile(r"<!--.*?-->\n?", re.DOTALL)


class Message(NamedTuple):
    """One chat message, kept in the parts it was filled from, so that a long document is stored once."""

    speaker: Speaker
    parts: tuple[str, ...]

    @property
    def text(self) -> str:
        """The whole content, as it is sent."""
        return "".join(self.parts)


class Prompt(NamedTuple):
    """A prompt file: its sections in order, each with its heading and text."""

    name: str
    sections: tuple[tuple[str, str], ...]

    @classmethod
    def parse(cls, name: str, text: str) -> "Prompt":
        """Split a Markdown text at its `# Heading` lines; comments are left out.

        Text before the first heading is kept under the heading ``, and sent to nobody.
        """
        before, *pieces = _SECTION.split(_COMMENT.sub("", text))
        pairs = [("", before)] if before.strip() else []
        pairs += zip(pieces[::2], pieces[1::2], strict=True)
        return cls(name, tuple((heading.lower(), body.strip()) for heading, body in pairs))

    @property
    def placeholders(self) -> frozenset[str]:
        """Every placeholder that the file uses."""
        return frozenset(found for _, body in self.sections for found in _PLACEHOLDER.findall(body))

    def section(self, heading: str) -> str | None:
        """The text under a heading, or None."""
        return next((body for name, body in self.sections if name == heading), None)

    def messages(self, values: Mapping[str, str], *more: str) -> tuple[Message, ...]:
        """The chat that the file's System, User and Assistant sections make.

        Args:
            values: a text for every placeholder; a value is never searched for placeholders itself.
            more: headings of further sections to append to the last user message.
        """
        chat = [
            Message(heading, _fill(body, values))  # type: ignore[arg-type]  # checked by the condition
            for heading, body in self.sections
            if heading in ("system", "user", "assistant")
        ]
        for heading in more:
            body = self.section(heading)
            if body:
                last = chat[-1]
                chat[-1] = Message(last.speaker, (*last.parts, "\n\n", *_fill(body, values)))
        return tuple(chat)

    def with_rules(self, style: RubricStyle, values: Mapping[str, str]) -> dict[str, str]:
        """The values, and as `rubric_rules` the file's own section for a style of rubric."""
        return {**values, "rubric_rules": self.fill(style, values) if self.section(style) else ""}

    def fill(self, heading: str, values: Mapping[str, str]) -> str:
        """One section as a plain text; KeyError if there is no such section."""
        body = self.section(heading)
        if body is None:
            raise KeyError(heading)
        return "".join(_fill(body, values))


class RubricLimits(Frozen):
    """What a domain's rubrics must hold, checked by code."""

    asked: tuple[int, int] = (10, 15)
    """Smallest and largest number of criteria that the challenger is asked for."""
    tolerated: tuple[int, int] = (10, 20)
    """The same, as the quality check tolerates it (method reference 3.3)."""
    positive_min: int = 4
    negative_min: int = 3
    negative_max: int = 20
    weight_max: int = 10

    def styled(self, style: RubricStyle) -> "RubricLimits":
        """The limits in a style; without negative criteria, weights end at 7 (method reference 4.3)."""
        if style == "mixed":
            return self
        heaviest = min(self.weight_max, 7)
        return self.model_copy(update={"negative_min": 0, "negative_max": 0, "weight_max": heaviest})


class DomainFile(Frozen):
    """What `domain.toml` may hold."""

    title: str
    verifier: Literal["rubric", "numeric", "code", "symbolic"]
    angles: tuple[str, ...] = ()
    """How each of several challengers is to set about it; a round has one candidate an angle."""
    graph: Literal["self_instruct", "legal", "science"] = "self_instruct"
    """The state machine that runs it: a module in `graphs/`."""
    policy: str | None = None
    attempts: dict[str, int] = Field(default_factory=dict)
    loop: dict[str, str] = Field(default_factory=dict)
    limits: dict[str, int] = Field(default_factory=dict)
    novelty: dict[str, str | float] = Field(default_factory=dict)
    models: dict[str, dict[str, Any]] = Field(default_factory=dict)
    rubric: RubricLimits = RubricLimits()
    rubric_style: RubricStyle | None = None
    """Whether rubrics also hold criteria of negative weight."""
    checks: tuple[Check, ...] = ()
    """What code checks of every item before anyone is paid to: functions in `autodata/checks/`."""
    shadows: tuple[str, ...] = ()
    """Policies whose verdict is computed beside the one that decides, and has no effect."""
    context_chars: tuple[int, int] = (0, 8_000)
    """The shortest and the longest context; the solvers see nothing else of the document."""

    @field_validator("graph")
    @classmethod
    def _has_challengers(cls, graph: str, known: ValidationInfo) -> str:
        if graph == "science" and not 3 <= len(known.data.get("angles", ())) <= 5:
            raise ValueError("it has 3 to 5 challengers, and needs as many `angles`")
        return graph


class Domain(Frozen):
    """A domain: its settings and its prompts by role."""

    name: str
    file: DomainFile
    prompts: dict[str, Prompt]

    @property
    def hash(self) -> str:
        """Fingerprint of the prompt set: any change of a prompt or of `domain.toml` changes it."""
        return fingerprint(repr((self.file, sorted(self.prompts.items()))))[:16]

    def prompt(self, name: str) -> Prompt:
        """The prompt of that role; UsageError if the domain has none."""
        if name not in self.prompts:
            raise UsageError(f"domain `{self.name}` has no prompt `{name}.md`; add it to its folder in prompts/")
        return self.prompts[name]


def domain_homes(domains: str | Path | None = None) -> dict[str, Path]:
    """Every domain's folder, by name: those in `prompts/` and, before them, those in a folder of one's own.

    Raises:
        UsageError: if that folder is missing, is itself a domain, or holds none.
    """
    homes = {path.parent.name: path.parent for path in PROMPTS.glob("*/domain.toml")}
    if domains is not None:
        folder = Path(domains)
        own = {path.parent.name: path.parent for path in folder.glob("*/domain.toml")}
        if (folder / "domain.toml").is_file():
            raise UsageError(f"{folder} is itself a domain; give the folder that holds it, {folder.parent}")
        if not own:
            raise UsageError(f"{folder} holds no domain (a folder with a domain.toml); check --domains")
        homes |= own
    return dict(sorted(homes.items()))


@lru_cache
def load_domain(name: str, domains: str | Path | None = None) -> Domain:
    """Read a domain's folder, from `prompts/` or a folder of one's own.

    Raises:
        UsageError: if there is no such domain (the nearest name is given), or its `domain.toml` is wrong.
    """
    homes = domain_homes(domains)
    if name not in homes:
        near = difflib.get_close_matches(name, homes, 1)
        raise UsageError(
            f"no domain {name!r}; " + (f"did you mean {near[0]!r}?" if near else f"known: {', '.join(homes)}")
        )
    file = read_domain_file(homes[name] / "domain.toml")
    try:
        texts = {path.stem: path.read_text("utf-8") for path in sorted(homes[name].glob("*.md"))}
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"a prompt in {homes[name]} cannot be read: {error}") from None
    return Domain(name=name, file=file, prompts={role: Prompt.parse(role, text) for role, text in texts.items()})


def read_domain_file(path: Path) -> DomainFile:
    """A `domain.toml`; UsageError with a sentence for each thing that is wrong with it."""
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
        return DomainFile.model_validate(tables)
    except ValidationError as error:
        found = explanations(error, DomainFile, stack([Layer(str(path), tables)]))
        raise UsageError("\n".join(found)) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path} is no readable TOML: {error}") from None


def domain_settings(name: str, domains: str | None = None) -> dict[str, Any]:
    """The part of a domain's file that is configuration, as a layer under the user's own."""
    file = load_domain(name, domains).file
    tables = file.model_dump(
        include={"policy", "rubric_style", "attempts", "loop", "limits", "novelty", "models"}, exclude_none=True
    )
    return {key: value for key, value in tables.items() if value}


def _fill(template: str, values: Mapping[str, str]) -> tuple[str, ...]:
    """The template's literals and values, in order; KeyError names a placeholder without a value."""
    pieces = _PLACEHOLDER.split(template)
    pieces[1::2] = [values[name] for name in pieces[1::2]]
    return tuple(piece for piece in pieces if piece)

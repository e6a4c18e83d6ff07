"""The one place where configuration is read and checked: defaults, domain, file, command line, in that order."""

import os
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field, PlainSerializer, ValidationError, model_validator

from autodata.acceptance import POLICIES, Policy, policy_named
from autodata.errors import UsageError
from autodata.explain import explain
from autodata.layers import Layer, Stack, stack
from autodata.ledger.address import masked
from autodata.model_settings import EMBEDDED_LIMITS, EMBEDDED_MODELS, ModelSettings, by_role
from autodata.prompting import RubricStyle, domain_settings, load_domain
from autodata.schemas import Frozen, OptimizerRole, Role

DOMAINS_ENV = "AUTODATA_DOMAINS"
"""The variable that names a folder of domains where no command line does, as on a server."""


class AttemptSettings(Frozen):
    """How often each solver tries an item."""

    weak: Annotated[int, Field(ge=1, le=64)] = 3
    strong: Annotated[int, Field(ge=1, le=64)] = 3


class LoopSettings(Frozen):
    """How a rejection becomes feedback."""

    feedback: Literal["list", "diagnosis", "improve"] = "list"
    """`list`: the failures, grouped by code; `diagnosis`: the orchestrator's model also reads the answers;
    `improve`: the last item goes back to its writer, with what code and the loop judge have against it."""


class LimitSettings(Frozen):
    """What bounds a run."""

    max_rounds: Annotated[int, Field(ge=1, le=100)] = 15
    """Rounds a document; 15 as in the paper's legal runs (method reference 2.4)."""
    concurrency: Annotated[int, Field(ge=1)] = 32
    """Documents in flight."""
    document_bytes: Annotated[int, Field(ge=1)] = 50_000_000
    """A larger file, or line of a JSONL file, is left out unread."""
    document_tokens: Annotated[int, Field(ge=500)] = 20_000
    """Of a longer document a part is shown in each round; a token is reckoned as four characters."""
    outage_s: Annotated[float, Field(gt=0)] = 600.0
    """Seconds for which an endpoint that answered before and is down now is waited for."""


class NoveltySettings(Frozen):
    """What counts as a new question."""

    compare: Literal["words", "exact"] = "words"
    """`words`: by the words that two questions share; `exact`: by their whole wording, for composed questions."""
    threshold: Annotated[float, Field(gt=0, le=1)] = 0.6
    """The similarity from which on a question repeats another; measured in docs/novelty.md."""


class Settings(Frozen):
    """The whole effective configuration."""

    domain: str = "numeric"
    domains: str | None = None
    """A folder of further domains; one of them hides a built-in domain of the same name."""
    policy: str = "prose"
    rubric_style: RubricStyle = "mixed"
    """`positive_only` asks for rubrics without negative criteria: of the challenger and of its verifier."""
    seed: int = 0
    """From it every attempt's own seed is derived, so that a run can be repeated."""
    models: dict[Role, ModelSettings]
    """By role, all six."""
    attempts: AttemptSettings = AttemptSettings()
    loop: LoopSettings = LoopSettings()
    limits: LimitSettings = LimitSettings()
    ledger: Annotated[str, Field(repr=False), PlainSerializer(masked)] = ""
    """Empty for a SQLite file in the run directory, or a PostgreSQL URL; a password in it is shown nowhere."""
    novelty: NoveltySettings = NoveltySettings()

    @model_validator(mode="after")
    def _has_a_loop_judge(self) -> "Settings":
        policy = POLICIES.get(self.policy)
        if policy and policy.suitability and "loop_judge" not in load_domain(self.domain, self.domains).prompts:
            raise UsageError(
                f"policy {policy.name!r} needs a loop judge, and the domain {self.domain!r} has none; "
                "choose another policy or domain"
            )
        return self

    def model(self, role: Role | OptimizerRole) -> ModelSettings:
        """The endpoint of a role; those who improve the prompts speak through the orchestrator's."""
        if role == "analyzer" or role == "implementer":
            return self.models["orchestrator"]
        return self.models[role]

    @property
    def priced(self) -> bool:
        """Whether any call costs anything, as far as the configuration says."""
        return any(model.price_in or model.price_out for model in self.models.values())

    @property
    def decides(self) -> Policy:
        """The policy that decides, on the configured numbers of attempts."""
        return policy_named(self.policy).with_attempts(self.attempts.weak, self.attempts.strong)


class Configured(NamedTuple):
    """Checked settings, and for each dotted key where its value came from."""

    settings: Settings
    origins: dict[str, str]


def configure(file: Path | None = None, command_line: Mapping[str, Any] | None = None) -> Configured:
    """Read, merge and check the configuration.

    Args:
        file: a TOML file of the documented form, or None.
        command_line: nested tables in the same form; they win over the file.

    Raises:
        UsageError: one sentence that names the file and key, what is wrong with it and the mend.
    """
    layers = [Layer("command line", _anchored(command_line or {}, Path()))]
    if file is not None:
        layers.insert(0, Layer(file.name, _anchored(read_toml(file), file.parent)))
    if os.environ.get("DATABASE_URL"):
        layers.insert(0, Layer("DATABASE_URL", {"ledger": os.environ["DATABASE_URL"]}))
    stacked = effective(layers)
    try:
        settings = Settings.model_validate(stacked.values)
    except ValidationError as error:
        raise UsageError(explain(error, Settings, stacked)) from None
    policy_named(settings.policy)
    return Configured(settings, stacked.origins)


def effective(layers: Sequence[Layer]) -> Stack:
    """Lay the given layers over the defaults, the domain's own and the policy's, and resolve the roles."""
    given = stack(layers).values
    below = [Layer("default", Settings(models={}).model_dump(exclude={"models", "attempts"}))]
    if os.environ.get(DOMAINS_ENV):
        below.append(Layer(DOMAINS_ENV, _anchored({"domains": os.environ[DOMAINS_ENV]}, Path())))
    domain, domains = (stack([*below, *layers]).values.get(key) for key in ("domain", "domains"))
    own = domain_settings(str(domain), None if domains is None else str(domains))
    below.append(Layer(f"domain {domain}", own))
    if not given.get("models"):
        below.append(Layer("default", {"models": EMBEDDED_MODELS, "limits": EMBEDDED_LIMITS}))
    policy = POLICIES.get(str(stack([*below, *layers]).values.get("policy")))
    if policy is not None:
        attempts = {"weak": policy.weak_attempts, "strong": policy.strong_attempts}
        below.insert(1, Layer(f"policy {policy.name}", {"attempts": attempts}))
    stacked = stack([*below, *layers])
    return by_role(stacked)


def _anchored(values: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The values with `domains` as an absolute path: a relative one starts where it was written.

    An absolute one is not looked up: a server's event loop must not wait for files.
    """
    domains = values.get("domains")
    return {**values, "domains": os.path.abspath(folder / domains)} if isinstance(domains, str) else dict(values)


def read_toml(file: Path) -> dict[str, Any]:
    """A TOML file's tables; UsageError if it is missing or does not parse."""
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise UsageError(f"no configuration file {file}; check the path given to --config") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{file} is no readable TOML: {error}") from None

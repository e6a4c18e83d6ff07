"""The one place where configuration is read and checked: defaults, domain, file, command line, in that order."""

import os
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple
from urllib.parse import urlsplit

from pydantic import Field, PlainSerializer, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from autodata.acceptance import POLICIES, Policy, policy_named
from autodata.errors import UsageError
from autodata.explain import SECRET, explain
from autodata.layers import Layer, Stack, inherit, stack
from autodata.ledger.address import masked
from autodata.prompting import RubricStyle, domain_settings, load_domain
from autodata.schemas import ROLES, SOLVERS, Frozen, Role

# Solvers and challenger sample (paper, section 4); verifier, judge and orchestrator are as steady as they can be.
ROLE_TEMPERATURE: Mapping[str, float] = {
    "orchestrator": 0.0,
    "challenger": 1.0,
    "quality_verifier": 0.0,
    "judge": 0.0,
    "weak": 1.0,
    "strong": 1.0,
}

# What runs with no configuration at all: two real language models on the user's own CPU.
EMBEDDED_MODELS: Mapping[str, Mapping[str, Any]] = {
    "default": {"provider": "embedded", "model": "qwen2.5-coder-1.5b-instruct"},
    "weak": {"model": "qwen2.5-coder-0.5b-instruct"},
}
# A CPU answers one request at a time soonest, and both models share it: measured in docs/embedded.md.
EMBEDDED_KEYS: Mapping[str, Any] = {"max_concurrency": 1, "max_tokens": 512, "timeout_s": 600.0}
# Their context window holds 8,192 tokens, prompt and answer together, and a CPU reads some 100 a second.
EMBEDDED_LIMITS: Mapping[str, int] = {"concurrency": 1, "document_tokens": 4_000}
# At 1.0 models this small lose the thread; a program takes some 60 tokens, and one of 200 has lost it too.
EMBEDDED_SOLVER_KEYS: Mapping[str, Any] = {"temperature": 0.5, "max_tokens": 200}
PROVIDER_KEYS: Mapping[str, Mapping[str, Any]] = {
    "embedded": EMBEDDED_KEYS,
    "anthropic": {"base_url": "https://api.anthropic.com", "api_key_env": "ANTHROPIC_API_KEY"},
    "google": {"base_url": "https://generativelanguage.googleapis.com", "api_key_env": "GOOGLE_API_KEY"},
    # Empty: region and credentials are found as the AWS tools find them.
    "bedrock": {"base_url": "", "api_key_env": "AWS_BEARER_TOKEN_BEDROCK"},
}
ENDPOINT_KEYS = ("base_url", "model", "api_key_env", "structured", "omit", "extra")
"""What belongs to an endpoint: a role with another provider does not take it from `models.default`."""

Structured = Literal["json_schema", "json_object", "tools", "prompt", "auto"]


DOMAINS_ENV = "AUTODATA_DOMAINS"
"""The variable that names a folder of domains where no command line does, as on a server."""


class ModelSettings(Frozen):
    """One role's endpoint, and how it is asked."""

    provider: Literal["openai", "anthropic", "google", "bedrock", "embedded"] = "openai"
    """`openai` is any OpenAI-compatible server; `embedded` runs a model file on this machine."""
    base_url: str = "https://api.openai.com/v1"
    model: Annotated[str, Field(min_length=1)]
    """The model's name at the endpoint; for `embedded` a known name or the path of a GGUF file."""
    api_key_env: str = "OPENAI_API_KEY"
    """The name of the environment variable that holds the key, never the key."""
    structured: Structured = "json_schema"
    """How the form of an answer is asked for; `auto` tries what works, once an endpoint and model."""
    temperature: Annotated[float, Field(ge=0, le=2)] = 1.0
    max_tokens: Annotated[int, Field(ge=1)] = 4096
    timeout_s: Annotated[float, Field(gt=0)] = 120.0
    max_concurrency: Annotated[int, Field(ge=1)] = 64
    price_in: Annotated[float, Field(ge=0)] = 0.0
    """USD per million input tokens."""
    price_out: Annotated[float, Field(ge=0)] = 0.0
    """USD per million output tokens, hidden thinking included."""
    price_cached: Annotated[float, Field(ge=0)] | None = None
    """USD per million input tokens read from the provider's prefix cache; None is `price_in`."""
    omit: tuple[Literal["temperature", "seed", "max_tokens"], ...] = ()
    """Request fields that are not sent: some reasoning models refuse them."""
    extra: dict[str, Any] = Field(default_factory=dict)
    """Further request fields, passed on as they are, such as `reasoning_effort`."""

    @field_validator("api_key_env")
    @classmethod
    def _name_only(cls, name: str) -> str:
        if not name.isidentifier() or name.startswith("sk_"):
            raise PydanticCustomError(SECRET, "must be the name of an environment variable, never a key")
        return name

    @field_validator("base_url")
    @classmethod
    def _no_secret(cls, url: str) -> str:
        if "@" in urlsplit(url).netloc:
            raise PydanticCustomError(SECRET, "must hold no password; name the key in `api_key_env`")
        return url

    @property
    def endpoint(self) -> str:
        """What tells one endpoint from another, whichever port an embedded server happens to get."""
        return "embedded" if self.provider == "embedded" else self.base_url.rstrip("/") or self.provider

    @field_validator("structured")
    @classmethod
    def _known_way(cls, way: Structured, info: ValidationInfo) -> Structured:
        provider = info.data.get("provider")
        if way == "json_object" and provider in ("anthropic", "bedrock"):
            raise ValueError(f'{provider} has no `json_object`; use "json_schema", "tools", "prompt" or "auto"')
        return way


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

    def model(self, role: Role) -> ModelSettings:
        """The endpoint of a role."""
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
    providers = _providers(stacked.values)
    unshared: dict[str, tuple[str, ...]] = {
        role: ENDPOINT_KEYS for role in ROLES if providers[role] != providers["default"]
    }
    return inherit(stacked, "models", ROLES, "default", _role_defaults(providers), unshared)


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


def _providers(values: Mapping[str, Any]) -> dict[str, str]:
    """The provider of `default` and of each role, as far as they are given."""
    models = values.get("models")
    models = models if isinstance(models, Mapping) else {}
    found: dict[str, str] = {"default": "openai"}
    for name in ("default", *ROLES):
        table = models.get(name)
        given = table.get("provider") if isinstance(table, Mapping) else None
        found[name] = str(given or found["default"])
    return found


def _role_defaults(providers: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """The values that a role has where neither it nor `models.default` gives one."""
    return {
        role: {
            "provider": "openai",
            "temperature": ROLE_TEMPERATURE[role],
            **PROVIDER_KEYS.get(providers[role], {}),
            **(EMBEDDED_SOLVER_KEYS if providers[role] == "embedded" and role in SOLVERS else {}),
        }
        for role in ROLES
    }

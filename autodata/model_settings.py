"""How each role's model is reached and asked: the keys of a `[models.ROLE]` table, and their defaults."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from autodata.explain import SECRET
from autodata.layers import Stack, inherit
from autodata.schemas import ROLES, SOLVERS, Frozen

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


def by_role(stacked: Stack) -> Stack:
    """The same values with a `models` table a role: its own keys, those of `models.default`, the defaults."""
    providers = _providers(stacked.values)
    unshared: dict[str, tuple[str, ...]] = {
        role: ENDPOINT_KEYS for role in ROLES if providers[role] != providers["default"]
    }
    return inherit(stacked, "models", ROLES, "default", _role_defaults(providers), unshared)


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

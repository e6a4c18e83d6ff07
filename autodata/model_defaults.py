"""What holds for a role's model where the configuration does not say: by role, and by provider."""

from collections.abc import Mapping
from typing import Any

from autodata.schemas import ROLES, SOLVERS

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


def providers_in(values: Mapping[str, Any]) -> dict[str, str]:
    """The provider of `default` and of each role, as far as they are given."""
    models = values.get("models")
    models = models if isinstance(models, Mapping) else {}
    found: dict[str, str] = {"default": "openai"}
    for name in ("default", *ROLES):
        table = models.get(name)
        given = table.get("provider") if isinstance(table, Mapping) else None
        found[name] = str(given or found["default"])
    return found


def role_defaults(providers: Mapping[str, str]) -> dict[str, dict[str, Any]]:
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

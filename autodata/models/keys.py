"""Reads API keys from the environment variables that the configuration names."""

import os
from urllib.parse import urlsplit

from autodata.errors import UsageError
from autodata.model_settings import ModelSettings
from autodata.settings import Settings

_LOOPBACK = {"localhost", "127.0.0.1", "::1", "0.0.0.0"}


def key_for(settings: ModelSettings) -> str | None:
    """The key of an endpoint; None for a server on this machine that has none, and for AWS's own credentials.

    Raises:
        UsageError: if the variable is not set and the endpoint is not on this machine.
    """
    key = os.environ.get(settings.api_key_env)
    if key:
        return key
    if urlsplit(settings.base_url).hostname in _LOOPBACK or settings.provider == "bedrock":
        return None
    raise UsageError(
        f"the environment variable {settings.api_key_env} is not set, and {settings.base_url} needs a key; "
        "set it, or name another variable as `api_key_env`"
    )


def keys_of(settings: Settings) -> frozenset[str]:
    """Every key that the configuration's endpoints are sent."""
    found = (os.environ.get(model.api_key_env) for model in settings.models.values())
    return frozenset(key for key in found if key)

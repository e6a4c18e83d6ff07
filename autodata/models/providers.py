"""The chat models of Anthropic, Google and Bedrock, from LangChain's own packages, loaded only when asked for."""

import importlib
from typing import Any

from langchain_core.language_models import BaseChatModel

from autodata.errors import UsageError
from autodata.models.failures import one_line
from autodata.settings import ModelSettings

_PACKAGES = {
    "anthropic": "langchain_anthropic",
    "google": "langchain_google_genai",
    "bedrock": "langchain_aws",
}


def provider_chat(settings: ModelSettings, key: str | None) -> BaseChatModel:
    """A provider's chat model; retries are left to the endpoint, which all roles share.

    Raises:
        UsageError: if the provider's package is not installed.
    """
    try:
        package = importlib.import_module(_PACKAGES[settings.provider])
    except ImportError:
        raise UsageError(
            f'provider "{settings.provider}" needs a package that is not installed: '
            f"pip install 'autodata[{settings.provider}]'"
        ) from None
    fields: dict[str, Any] = {
        "model": settings.model,
        "temperature": settings.temperature,
        "max_tokens": settings.max_tokens,
    }
    kept = {name: value for name, value in fields.items() if name not in settings.omit}
    make = {"anthropic": _anthropic, "google": _google, "bedrock": _bedrock}[settings.provider]
    try:
        model: BaseChatModel = make(package, settings, key, {**kept, **settings.extra})
    except Exception as problem:  # each library has its own for a region, a credential or a field that is wrong
        said = one_line(str(problem))
        raise UsageError(
            f'provider "{settings.provider}" refuses the settings of {settings.model}: {said}'
        ) from None
    return model


def _anthropic(package: Any, settings: ModelSettings, key: str | None, fields: dict[str, Any]) -> Any:
    return package.ChatAnthropic(
        **fields, base_url=settings.base_url, api_key=key or "none", timeout=settings.timeout_s, max_retries=0
    )


def _google(package: Any, settings: ModelSettings, key: str | None, fields: dict[str, Any]) -> Any:
    return package.ChatGoogleGenerativeAI(
        **fields, base_url=settings.base_url, api_key=key or "none", timeout=settings.timeout_s, max_retries=1
    )


def _bedrock(package: Any, settings: ModelSettings, key: str | None, fields: dict[str, Any]) -> Any:
    """Converse; without a key of its own it finds credentials and region as the AWS tools do."""
    from botocore.config import Config

    config = Config(
        retries={"max_attempts": 0},
        read_timeout=settings.timeout_s,
        max_pool_connections=settings.max_concurrency,
    )
    named = {"base_url": settings.base_url or None, "api_key": key}
    return package.ChatBedrockConverse(
        **fields, **{name: value for name, value in named.items() if value}, config=config
    )

"""A LangChain chat model for OpenAI-compatible servers whose request path is one plain POST."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import aiohttp
import openai
import orjson
from langchain_core.callbacks import AsyncCallbackManager, AsyncCallbackManagerForLLMRun
from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import RunnableConfig, ensure_config
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from autodata.model_settings import ModelSettings
from autodata.models.failures import TransportError, one_line, retry_after

NO_KEY = "none"
"""Stands for no key: the SDK that `ChatOpenAI` sets up refuses an empty one."""

_SPEAKER = {"system": "system", "human": "user", "ai": "assistant"}


class OpenAICompatibleChat(ChatOpenAI):
    """`ChatOpenAI` with a lean `ainvoke`: traced, streamed and counted as ever, but no SDK underneath.

    The SDK's client takes several times the CPU of the request itself; with hundreds of calls in flight it
    would be the bottleneck. Streaming still goes through `ChatOpenAI`.
    """

    async def ainvoke(
        self,
        input: LanguageModelInput,
        config: RunnableConfig | None = None,
        *,
        stop: list[str] | None = None,
        **kwargs: Any,
    ) -> AIMessage:
        """Answer; the bookkeeping for tracers, callbacks and streams is left out where there are none."""
        callbacks = ensure_config(config).get("callbacks")
        if isinstance(input, list) and not AsyncCallbackManager.configure(callbacks).handlers:
            return (await self._agenerate(input, stop, **kwargs)).generations[0].message  # type: ignore[return-value]
        return await super().ainvoke(input, config, stop=stop, **kwargs)

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        body: dict[str, Any] = {
            "model": self.model_name,
            "messages": [{"role": _SPEAKER[message.type], "content": message.content} for message in messages],
            **({} if self.temperature is None else {"temperature": self.temperature}),
            **(self.extra_body or {}),
            **kwargs,
        }
        answer = await self._post(body)
        return ChatResult(generations=[ChatGeneration(message=_message(answer))])

    def _convert_chunk_to_generation_chunk(
        self, chunk: dict[str, Any], *arguments: Any, **more: Any
    ) -> ChatGenerationChunk | None:
        """Keep the hidden thinking of a streamed answer, which `ChatOpenAI` drops."""
        made = super()._convert_chunk_to_generation_chunk(chunk, *arguments, **more)
        choices = chunk.get("choices") or []
        thinking = _thinking(choices[0].get("delta") or {}) if choices else ""
        if made is not None and thinking:
            made.message.additional_kwargs["reasoning_content"] = thinking
        return made

    async def _astream(self, *args: Any, **kwargs: Any) -> AsyncIterator[ChatGenerationChunk]:
        """Stream as `ChatOpenAI` does; its errors become ours, without the key."""
        try:
            async for chunk in super()._astream(*args, **kwargs):
                yield chunk
        except openai.APIError as problem:
            status = problem.status_code if isinstance(problem, openai.APIStatusError) else None
            raise TransportError(_said(str(problem).encode().replace(*self._masked)), status) from None

    @property
    def _key(self) -> str:
        return self.openai_api_key.get_secret_value() if isinstance(self.openai_api_key, SecretStr) else NO_KEY

    @property
    def _masked(self) -> tuple[bytes, bytes]:
        """What to replace in a server's error, and by what: some servers repeat the key that they refuse."""
        return self._key.encode(), b"***" if self._key != NO_KEY else NO_KEY.encode()

    async def _post(self, body: dict[str, Any]) -> dict[str, Any]:
        """POST to the chat completions endpoint; TransportError for anything but a readable 200."""
        headers = {"Content-Type": "application/json"}
        key = self._key
        if key != NO_KEY:
            headers["Authorization"] = f"Bearer {key}"
        timeout = aiohttp.ClientTimeout(total=float(self.request_timeout or 120))  # type: ignore[arg-type]
        url = f"{self.openai_api_base}/chat/completions"
        try:
            session = await _session()
            async with session.post(url, data=orjson.dumps(body), headers=headers, timeout=timeout) as response:
                content = await response.read()
                if response.status != 200:
                    said = _said(content.replace(*self._masked))
                    raise TransportError(said, response.status, retry_after(response.headers))
        except TimeoutError:
            raise TransportError(f"no answer within {timeout.total:g} s", timed_out=True) from None
        except aiohttp.ClientConnectorError as problem:
            raise TransportError(f"no connection to {problem.host}:{problem.port} ({problem.strerror})") from None
        except aiohttp.ClientError as problem:
            raise TransportError(str(problem) or type(problem).__name__) from None
        try:
            answer = orjson.loads(content)
            answer["choices"][0]["message"]  # the shape is the check
        except (ValueError, LookupError, TypeError):
            said = _said(content.replace(*self._masked))
            raise TransportError(f"an answer that is no chat completion: {said}") from None
        return answer  # type: ignore[no-any-return]


def chat_model(settings: ModelSettings, base_url: str, key: str | None) -> OpenAICompatibleChat:
    """The chat model for one role's settings, at the address where its server listens now."""
    limit = "max_completion_tokens" if "api.openai.com" in base_url else "max_tokens"
    body = {} if "max_tokens" in settings.omit else {limit: settings.max_tokens}
    return OpenAICompatibleChat(
        model=settings.model,
        base_url=base_url,
        api_key=SecretStr(key or NO_KEY),
        temperature=None if "temperature" in settings.omit else settings.temperature,
        timeout=settings.timeout_s,
        max_retries=0,
        stream_usage=True,
        extra_body={**body, **settings.extra},
    )


def _message(answer: dict[str, Any]) -> AIMessage:
    """The first choice as a LangChain message, with usage, finish reason, tool calls and any hidden thinking."""
    choice = answer["choices"][0]
    said = choice["message"]
    kept = {"reasoning_content": _thinking(said), "tool_calls": said.get("tool_calls")}
    return AIMessage(
        content=said.get("content") or "",
        additional_kwargs={name: value for name, value in kept.items() if value},
        response_metadata={
            "finish_reason": choice.get("finish_reason"),
            "model_name": answer.get("model", ""),
        },
        usage_metadata=_usage(answer.get("usage") or {}),
    )


def _usage(usage: dict[str, Any]) -> UsageMetadata:
    """Tokens as the server reports them; DeepSeek's API has a name of its own for the cached ones."""
    tokens_in, tokens_out = usage.get("prompt_tokens") or 0, usage.get("completion_tokens") or 0
    cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens")
    thought = (usage.get("completion_tokens_details") or {}).get("reasoning_tokens")
    return UsageMetadata(
        input_tokens=tokens_in,
        output_tokens=tokens_out,
        total_tokens=tokens_in + tokens_out,
        input_token_details={"cache_read": cached or usage.get("prompt_cache_hit_tokens") or 0},
        output_token_details={"reasoning": thought or 0},
    )


def _thinking(said: Mapping[str, Any]) -> str:
    """Hidden thinking, under the two names that servers give it."""
    return str(said.get("reasoning_content") or said.get("reasoning") or "")


class _Kept(NamedTuple):
    keeper: AsyncGenerator[aiohttp.ClientSession]
    session: aiohttp.ClientSession


# One session a running loop: a hosted server may run graphs on several.
_kept: WeakKeyDictionary[asyncio.AbstractEventLoop, _Kept] = WeakKeyDictionary()


async def _keep() -> AsyncGenerator[aiohttp.ClientSession]:
    """Hold a session open; a loop that ends closes its open generators, and so the connections."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=30)) as session:
        yield session


async def _session() -> aiohttp.ClientSession:
    loop = asyncio.get_running_loop()
    kept = _kept.get(loop)
    if kept is None or kept.session.closed:
        keeper = _keep()
        kept = _kept[loop] = _Kept(keeper, await anext(keeper))
    return kept.session


async def close_sessions() -> None:
    """Close this loop's connections; the next call opens new ones."""
    kept = _kept.get(asyncio.get_running_loop())
    if kept is not None:
        await kept.session.close()


def _said(content: bytes) -> str:
    """What a server said, short enough for one line."""
    text = content.decode("utf-8", "replace")
    try:
        body = orjson.loads(content)
        text = body["error"]["message"] if isinstance(body["error"], dict) else body["error"]
    except (ValueError, LookupError, TypeError):
        pass
    return one_line(str(text))

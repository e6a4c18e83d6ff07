"""How each provider is asked: one LangChain chat model each, behind one form of request and of failure."""

import asyncio
import contextvars
import functools
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage

from autodata.model_settings import ModelSettings
from autodata.models.calls import config_of, messages_of
from autodata.models.chat import chat_model
from autodata.models.failures import TransportError, failure_of
from autodata.models.keys import key_for
from autodata.models.providers import provider_chat
from autodata.models.request import Request, Schema

_PURPOSE = "Give the whole answer in this form."


class Wire:
    """A role's chat model, and how a request is put to it.

    The models of other providers differ in their errors, in how a seed and a schema are given, and in whether
    their client waits in a thread; nothing above this class sees that.
    """

    def __init__(self, chat: BaseChatModel, settings: ModelSettings) -> None:
        self.chat = chat
        self._provider = settings.provider
        self._threads = None
        if settings.provider == "bedrock":  # its client blocks: a thread for each call that may be in flight
            self._threads = ThreadPoolExecutor(settings.max_concurrency, thread_name_prefix="bedrock")

    async def ask(self, request: Request) -> AIMessage:
        """The model's answer.

        Raises:
            TransportError: if there is none, with the status or the connection's trouble.
        """
        messages = messages_of(request)
        fields = self._fields(request)
        try:
            if self._provider in ("openai", "embedded"):  # its client keeps the time itself
                return await self.chat.ainvoke(messages, config_of(request), **fields)
            async with asyncio.timeout(request.settings.timeout_s):
                return await self._invoke(messages, request, fields)
        except TimeoutError:
            raise TransportError(f"no answer within {request.settings.timeout_s:g} s", timed_out=True) from None
        except Exception as problem:
            failure = failure_of(problem)
            if failure is None:
                raise
            raise failure from problem

    async def _invoke(self, messages: list[BaseMessage], request: Request, fields: dict[str, Any]) -> AIMessage:
        model: Any = self.chat
        if request.schema is not None and request.settings.structured == "tools":
            model = model.bind_tools([_tool(request.schema)], tool_choice=request.schema.name)
        if self._threads is None:
            answer = await model.ainvoke(messages, config_of(request), **fields)
        else:
            context = contextvars.copy_context()
            call = functools.partial(context.run, model.invoke, messages, config_of(request), **fields)
            answer = await asyncio.get_running_loop().run_in_executor(self._threads, call)
        return answer  # type: ignore[no-any-return]

    def _fields(self, request: Request) -> dict[str, Any]:
        """The request's own fields: its seed, and how the answer's form is asked for."""
        fields: dict[str, Any] = {}
        if self._provider not in ("anthropic", "bedrock") and "seed" not in request.settings.omit:
            fields["seed"] = request.seed
        schema, way = request.schema, request.settings.structured
        if schema is None:
            return fields
        if way == "json_schema" and self._provider == "bedrock":
            structure = {"jsonSchema": {"name": schema.name, "schema": orjson.dumps(schema.body).decode()}}
            fields["output_config"] = {"textFormat": {"type": "json_schema", "structure": structure}}
        elif way == "json_schema":
            form = {"name": schema.name, "schema": schema.body, "strict": True}
            fields["response_format"] = {"type": "json_schema", "json_schema": form}
        elif way == "json_object":
            fields["response_format"] = {"type": "json_object"}
        elif way == "tools" and self._provider in ("openai", "embedded"):
            fields["tools"] = [_tool(schema)]
            fields["tool_choice"] = {"type": "function", "function": {"name": schema.name}}
        return fields

    def close(self) -> None:
        """Let go of the threads, if it has any; calls that hang are not waited for."""
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)


def wire_for(settings: ModelSettings, address: str | None = None) -> Wire:
    """The way to a role's model; an embedded server's address is given, since it changes.

    Raises:
        UsageError: if the key or the provider's package is missing.
    """
    if settings.provider == "embedded":
        return Wire(chat_model(settings, address or "", None), settings)
    if settings.provider == "openai":
        return Wire(chat_model(settings, settings.base_url.rstrip("/"), key_for(settings)), settings)
    return Wire(provider_chat(settings, key_for(settings)), settings)


def _tool(schema: Schema) -> dict[str, Any]:
    """A schema as the one tool that the model has to call."""
    function = {"name": schema.name, "description": _PURPOSE, "parameters": schema.body}
    return {"type": "function", "function": function}

"""A chat model's message as a Reply: answer and thinking apart, tokens counted, and why it ended."""

import json

from langchain_core.messages import AIMessage

from autodata.ledger.records import Finish, Usage
from autodata.models.request import Reply, Request
from autodata.models.thinking import split_thinking

_CUT = {"length", "max_tokens", "model_length", "model_context_window_exceeded"}
_FILTERED = {
    "content_filter", "content_filtered", "refusal", "safety", "recitation", "prohibited_content", "blocklist",
    "spii", "guardrail_intervened",
}  # fmt: skip


def reply_of(request: Request, message: AIMessage) -> Reply:
    """The reply to a request; nothing of the hidden thinking is in its text."""
    text, thinking = split_thinking(message)
    if request.schema is not None and request.settings.structured == "tools":
        text = _arguments(message) or text
    usage = usage_of(message)
    finish = _finish(message)
    if not text and thinking and usage.tokens_out >= request.settings.max_tokens:
        finish = "length"  # some servers say `stop` when thinking took all there was
    return Reply(request.key, text, thinking, finish, usage, replayed=False)


def usage_of(message: AIMessage) -> Usage:
    """The tokens that the endpoint reports; thinking is part of the output, and cached input of the input."""
    counted = message.usage_metadata
    if counted is None:
        return Usage()
    return Usage(
        tokens_in=counted["input_tokens"],
        tokens_cached=counted.get("input_token_details", {}).get("cache_read") or 0,
        tokens_out=counted["output_tokens"],
        tokens_thinking=counted.get("output_token_details", {}).get("reasoning") or 0,
    )


def _finish(message: AIMessage) -> Finish:
    """Why the answer ended, in one vocabulary for all providers."""
    told = message.response_metadata
    said = told.get("finish_reason") or told.get("stop_reason") or told.get("stopReason") or "stop"
    name = str(getattr(said, "name", said)).casefold()
    if name in _CUT:
        return "length"
    return "filtered" if name in _FILTERED else "stop"


def _arguments(message: AIMessage) -> str:
    """What the answer's tools were called with, as JSON: for an endpoint that is asked through a tool."""
    raw = message.additional_kwargs.get("tool_calls")
    if raw:
        return "\n".join(str(call["function"].get("arguments") or "") for call in raw)
    called = [json.dumps(call["args"]) for call in message.tool_calls]
    return "\n".join([*called, *(str(call["args"] or "") for call in message.invalid_tool_calls)])

"""Keeps a model's hidden thinking apart from its answer, whichever way the endpoint marks it."""

import re

from langchain_core.messages import AIMessage

_NAMES = "think|thinking|thought|reasoning"
# Blocks count only where a line begins with one: an answer may speak of such tags in its text.
_BLOCK = re.compile(
    rf"^[ \t]*(?:<({_NAMES})>(?P<a>.*?)(?:</\1>|\Z)|\[THINK\](?P<b>.*?)(?:\[/THINK\]|\Z)"
    r"|◁think▷(?P<c>.*?)(?:◁/think▷|\Z)"
    r"|<\|channel\|>analysis<\|message\|>(?P<d>.*?)(?:<\|end\|>|(?=<\|channel\|>final)|\Z))",
    re.DOTALL | re.MULTILINE | re.IGNORECASE,
)
# A chat template may open the block itself, so that the answer holds only its end.
_TAIL = re.compile(rf"\A(.*?)(?<!`)</(?:{_NAMES})>[ \t]*(?:\n|\Z)", re.DOTALL | re.IGNORECASE)
_FINAL = re.compile(
    r"(?:<\|start\|>assistant)?<\|channel\|>final<\|message\|>|<\|(?:end|return|start)\|>(?:assistant)?"
)


def split_thinking(message: AIMessage) -> tuple[str, str]:
    """The answer's text and its hidden thinking, whether it came in a field, a content block or a tag."""
    if isinstance(message.content, list):
        text = str(message.text)
        told = [
            str(block.get("reasoning") or "") for block in message.content_blocks if block["type"] == "reasoning"
        ]
    else:
        text = message.content
        told = [str(message.additional_kwargs.get("reasoning_content") or "")]
    text, inside = split_tags(text)
    return text, "\n".join(part.strip() for part in (*told, inside) if part.strip())


def split_tags(text: str) -> tuple[str, str]:
    """A text without its think blocks, and what they held; an unclosed block goes to the end of the text."""
    told: list[str] = []

    def take(found: re.Match[str]) -> str:
        told.append(next(part for name in "abcd" if (part := found[name]) is not None))
        return ""

    rest = _BLOCK.sub(take, text)
    if (tail := _TAIL.match(rest)) is not None:
        told.append(tail[1])
        rest = rest[tail.end() :]
    if told and "<|" in rest:
        rest = _FINAL.sub("", rest)
    return rest.strip(), "\n".join(part.strip() for part in told if part.strip())

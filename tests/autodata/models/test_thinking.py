"""Hidden thinking: kept apart wherever it comes from, counted, and never a reason to blame the wrong setting."""

import pytest
from langchain_core.messages import AIMessage

from autodata.errors import ReplyError
from autodata.models.replies import reply_of
from autodata.models.request import Request, Seat
from autodata.models.structured import read_answer
from autodata.models.thinking import split_thinking
from autodata.prompting import Message
from autodata.schemas import QualityAnswer
from autodata.settings import ModelSettings

REQUEST = Request(Seat("d", 1, "weak"), ModelSettings(model="m", max_tokens=50), (Message("user", ("q",)),), 1)


def message(text: str, finish: str = "stop", out: int = 10, thought: int = 0, field: str = "") -> AIMessage:
    return AIMessage(
        text,
        additional_kwargs={"reasoning_content": field} if field else {},
        response_metadata={"finish_reason": finish},
        usage_metadata={
            "input_tokens": 1, "output_tokens": out, "total_tokens": 1 + out,
            "output_token_details": {"reasoning": thought},
        },
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "answer", "thinking"),
    [
        ("plain", "plain", ""),
        ("<think>a</think>x", "x", "a"),
        ("<think>\na\n</think>\n\nx\n<think>b</think>\ny", "x\n\ny", "a\nb"),
        ("<THINK>a</THINK>x", "x", "a"),
        ("<think>cut off", "", "cut off"),
        ("a, opened by the template\n</think>\nx", "x", "a, opened by the template"),
        ("The tag `<think>` opens a block, and `</think>` ends it.", None, ""),
        ("Models write <think>...</think> blocks before they answer.", None, ""),
        ("1 < 2 and <b>bold</b>", None, ""),
    ],
)
def test_tags_are_taken_out_where_they_are_tags_and_left_where_they_are_spoken_of(
    text: str, answer: str | None, thinking: str
) -> None:
    assert split_thinking(AIMessage(text)) == (text if answer is None else answer, thinking)


def test_content_blocks_of_any_provider_are_told_apart() -> None:
    blocks: list[str | dict[str, str]] = [
        {"type": "thinking", "thinking": "hidden"},
        {"type": "text", "text": "x"},
    ]
    told = AIMessage(blocks, response_metadata={"model_provider": "anthropic"})
    assert split_thinking(told) == ("x", "hidden")


def test_thinking_is_counted_and_is_no_part_of_the_answer() -> None:
    reply = reply_of(REQUEST, message("x", out=40, thought=38, field="hidden"))
    assert (reply.text, reply.thinking, reply.truncated) == ("x", "hidden", False)
    assert (reply.usage.tokens_out, reply.usage.tokens_thinking) == (40, 38)


@pytest.mark.parametrize("finish", ["length", "stop"])
def test_a_limit_spent_on_thinking_is_truncation_whatever_the_server_calls_it(finish: str) -> None:
    reply = reply_of(REQUEST, message("", finish, out=50, field="hidden"))
    assert reply.truncated
    with pytest.raises(ReplyError, match="hidden thinking; raise `max_tokens`"):
        read_answer(reply.text, QualityAnswer, reply.truncated)


@pytest.mark.parametrize(
    ("finish", "means"), [("content_filter", "filtered"), ("tool_calls", "stop"), ("", "stop")]
)
def test_every_finish_reason_has_one_meaning(finish: str, means: str) -> None:
    assert reply_of(REQUEST, message("x", finish)).finish == means

"""A request as LangChain sees it: its messages, and what its run is called and marked with in a trace."""

from collections.abc import Mapping

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_core.runnables import RunnableConfig

from autodata.models.request import Request

_MESSAGE: Mapping[str, type[BaseMessage]] = {
    "system": SystemMessage,
    "user": HumanMessage,
    "assistant": AIMessage,
}


def messages_of(request: Request) -> list[BaseMessage]:
    """The request's messages."""
    return [_MESSAGE[message.speaker](message.text) for message in request.messages]


def config_of(request: Request) -> RunnableConfig:
    """The call's name, the role that asks, and its place in the run."""
    seat = request.seat
    place = {"role": seat.role, "round": seat.round, "attempt": seat.attempt, "ask": seat.ask}
    return RunnableConfig(run_name=seat.role, metadata=place)

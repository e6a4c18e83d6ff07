"""Shows a replayed call to whoever listens, a trace or Studio: a chat run like any other, marked as replayed."""

from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, LLMResult
from langchain_core.runnables.config import ensure_config, get_async_callback_manager_for_config

from autodata.ledger.records import Recorded
from autodata.models.calls import config_of, messages_of
from autodata.models.request import Request

REPLAYED = "replayed"


async def show_replay(request: Request, recorded: Recorded) -> None:
    """Tell the callbacks of the running graph of a call that the ledger answered; cheap if there are none."""
    config = ensure_config()
    if not config.get("callbacks"):
        return
    manager = get_async_callback_manager_for_config(config)
    if not manager.handlers:
        return
    model = request.settings.model
    manager.add_tags([REPLAYED], inherit=False)
    place = config_of(request)
    manager.add_metadata({**place["metadata"], "ls_model_name": model, REPLAYED: True}, inherit=False)
    asked_of = {"model": model}
    [run] = await manager.on_chat_model_start(
        {}, [messages_of(request)], name=place["run_name"], invocation_params=asked_of
    )
    usage = recorded.usage
    message = AIMessage(
        content=recorded.reply,
        additional_kwargs={"reasoning_content": recorded.thinking} if recorded.thinking else {},
        response_metadata={"finish_reason": recorded.finish, "model_name": model},
        usage_metadata={
            "input_tokens": usage.tokens_in,
            "output_tokens": usage.tokens_out,
            "total_tokens": usage.tokens_in + usage.tokens_out,
            "input_token_details": {"cache_read": usage.tokens_cached},
        },
    )
    await run.on_llm_end(LLMResult(generations=[[ChatGeneration(message=message)]]))

"""The science variant: several challengers at once and a screening; with the one chosen, the loop is as ever."""

import operator
from typing import Annotated

from langgraph.graph import START, StateGraph
from langgraph.runtime import Runtime
from langgraph.types import Send

from graphs.self_instruct import loop
from graphs.state import LoopState
from nodes.challenge import ChallengeInput
from nodes.context import Context, context_of
from nodes.screen import CandidateInput, CandidateLine, ScreenUpdate, draft_candidate, screen

__all__ = ["Context", "builder", "graph"]


class ScienceState(LoopState):
    """The loop's state, and what became of this round's candidates."""

    candidates: list[CandidateLine]
    """One line a challenger; written by `challenge`."""


class CandidatesState(ChallengeInput, ScreenUpdate):
    """What the challengers and the screening share."""

    drafts: Annotated[list[CandidateLine], operator.add]


async def each_challenger(state: ChallengeInput, runtime: Runtime[Context]) -> list[Send]:
    """One challenger an angle, all at once, none knowing of the others."""
    angles = (await context_of(runtime).resources()).domain.file.angles
    return [
        Send("draft", CandidateInput(**state, number=number, angle=angle))
        for number, angle in enumerate(angles, 1)
    ]


candidates = StateGraph(
    CandidatesState, context_schema=Context, input_schema=ChallengeInput, output_schema=ScreenUpdate
)
candidates.add_node("draft", draft_candidate)
candidates.add_node("screen", screen)
candidates.add_conditional_edges(START, each_challenger, ["draft"])
candidates.add_edge("draft", "screen")

builder = loop(candidates.compile(name="challenge"), ScienceState)
graph = builder.compile(name="science").with_config(recursion_limit=1_000)

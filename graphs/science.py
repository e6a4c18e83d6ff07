"""The science variant: several challengers at once and a screening; with the one chosen, the loop is as ever."""

import operator
from typing import Annotated

from langgraph.graph import START, StateGraph
from langgraph.runtime import Runtime
from langgraph.types import Send

from autodata.errors import UsageError
from graphs.self_instruct import loop
from graphs.state import LoopState
from nodes.challenge import ChallengeInput
from nodes.context import Context, ScienceContext, context_of
from nodes.screen import CandidateInput, CandidateLine, ScreenUpdate, draft_candidate, screen

__all__ = ["ScienceContext", "builder", "graph"]


class ScienceState(LoopState):
    """The loop's state, and what became of this round's candidates."""

    candidates: list[CandidateLine]
    """One line a challenger; written by `challenge`."""


class CandidatesState(ChallengeInput, ScreenUpdate):
    """What the challengers and the screening share."""

    drafts: Annotated[list[CandidateLine], operator.add]


async def each_challenger(state: ChallengeInput, runtime: Runtime[Context]) -> list[Send]:
    """One challenger an angle, all at once, none knowing of the others."""
    domain = (await context_of(runtime).resources()).domain
    if not domain.file.angles:
        raise UsageError(
            f"domain `{domain.name}` has no `angles`, one for each challenger; give a domain that has"
        )
    return [
        Send("draft", CandidateInput(**state, number=number, angle=angle))
        for number, angle in enumerate(domain.file.angles, 1)
    ]


candidates = StateGraph(
    CandidatesState, context_schema=Context, input_schema=ChallengeInput, output_schema=ScreenUpdate
)
candidates.add_node("draft", draft_candidate)
candidates.add_node("screen", screen)
candidates.add_conditional_edges(START, each_challenger, ["draft"])
candidates.add_edge("draft", "screen")

builder = loop(candidates.compile(name="challenge"), ScienceState, ScienceContext)
graph = builder.compile(name="science").with_config(recursion_limit=1_000)

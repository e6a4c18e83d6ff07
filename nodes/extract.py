"""The extractor: reads a document once, for the law in it, or says that no question can be made from it."""

from langgraph.runtime import Runtime
from typing_extensions import TypedDict

from autodata.errors import ReplyError
from autodata.legal import ExtractAnswer
from autodata.models.asking import ask_structured
from autodata.models.request import Reply, Seat
from autodata.models.structured import read_answer, schema_of
from autodata.packet import Assessed
from autodata.rounds import ProblemLine, problem_line, shown
from autodata.schemas import Failure
from nodes.context import Context, context_of
from nodes.resources import Resources

ANSWER = schema_of(ExtractAnswer, "extractor")
EXTRACTORS_ATTEMPT = 2
"""The extractor is asked on the challenger's model; the writer has the challenger's first seat of a round."""


class ExtractLine(TypedDict):
    """The extract as the state shows it; the whole is in the ledger under `call`."""

    document_type: str
    topics: list[str]
    call: str


class ExtractInput(TypedDict):
    """What this node reads."""

    document: dict[str, str]
    round: int


class ExtractUpdate(TypedDict, total=False):
    """The only keys that this node writes."""

    extract: ExtractLine
    assessed: list[Assessed]
    problem: ProblemLine
    verdict: str


async def extract(state: ExtractInput, runtime: Runtime[Context]) -> ExtractUpdate:
    """Extract what every round of the document works from."""
    resources = await context_of(runtime).resources()
    document = await resources.document(state["document"]["id"])
    values = {"title": document.title, "document": document.text, "fence": document.fence}
    seat = Seat(document.id, state["round"], "challenger", EXTRACTORS_ATTEMPT)
    request = resources.request(seat, resources.domain.prompt("extractor").messages(values), ANSWER)

    async def read(reply: Reply) -> tuple[ExtractAnswer, str]:
        return read_answer(reply.text, ExtractAnswer, reply.truncated), reply.key.hex()

    try:
        found, call = await ask_structured(resources.gateway, request, read, resources.settings.seed)
    except ReplyError as problem:
        return {"problem": problem_line(Failure.INVALID, f"extractor: {problem}")}
    if not found.suitable_for_synthetic_question:
        reason = f"unsuitable: {found.suitability_note or 'the extractor gave no reason'}"
        return {"verdict": "unsuitable", "problem": problem_line(Failure.INVALID, reason)}
    topics = [shown(topic, 40) for topic in found.topic_keywords[:5]]
    line = ExtractLine(document_type=shown(found.document_type, 80), topics=topics, call=call)
    return {"extract": line, "assessed": []}


async def extract_of(resources: Resources, document: str, line: ExtractLine) -> ExtractAnswer:
    """The whole extract, read again from the ledger."""
    recorded = await resources.ledger.recall(document, bytes.fromhex(line["call"]))
    assert recorded is not None, "a call is recorded before its answer is used"
    return read_answer(recorded.reply, ExtractAnswer, recorded.finish == "length")

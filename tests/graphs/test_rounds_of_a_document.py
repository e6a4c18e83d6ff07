"""What a round shows of a long document, and which questions are not new, through the whole loop."""

from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from autodata.documents.novelty import Accepted
from autodata.ledger import tables as t
from autodata.ledger.ledger import Ledger
from autodata.ledger.views import rounds_of
from autodata.schemas import Document
from autodata.settings import configure
from nodes.novelty import repeats_its_document
from nodes.resources import Resources
from tests.graphs.test_self_instruct import DOCUMENT, ledger, requests_of, resources_at, run, too_easy_at

__all__ = ["ledger"]

PART = "Part {0} says in its own words how latency grows with load, and case {0} shows it again. "


async def calls(ledger: Ledger, *roles: str) -> int:
    query = select(func.count()).where(t.calls.c.role.in_(roles))
    return await ledger.read(lambda connection: connection.scalar(query) or 0)


async def test_challenger_and_verifier_of_a_round_see_the_same_part_and_the_next_round_another(
    simulator: str, ledger: Ledger
) -> None:
    text = "# Abstract\n\nIn short.\n\n" + "\n\n".join(
        f"# Part {at}\n\n{PART.format(at) * 12}" for at in range(12)
    )
    limits = {"max_rounds": 4, "document_tokens": 900}
    resources = await resources_at(simulator, ledger, models=too_easy_at(simulator), limits=limits)
    await run(resources, text)
    await resources.close()
    views = await ledger.read(lambda connection: list(rounds_of(connection, ledger.run)))
    assert len({view.shown for view in views}) == 4, "each round has shown other sections"
    asked = await ledger.read(requests_of)
    for view in views:
        parts = [name for name in view.shown if name.startswith("Part")]
        assert parts and view.shown[0] == "Abstract"
        seen = [(role, body) for role, body in asked if all(f"\n# {part}\n" in body for part in parts)]
        assert {role for role, _ in seen} >= {"challenger", "quality_verifier"}
        for at in {*range(12)} - {int(part.split()[1]) for part in parts}:
            assert not any(f"Part {at} says" in body for _, body in seen)


async def accepting(simulator: str, ledger: Ledger, *questions: str, **given: Any) -> Resources:
    """Resources of a run that has accepted some questions."""
    resources = await resources_at(simulator, ledger, **given)
    resources.accepted = Accepted()
    for number, question in enumerate(questions):
        resources.accepted.add(f"other{number}", question)
    return resources


async def test_a_question_like_an_accepted_one_is_refused_before_solvers_are_paid(
    simulator: str, ledger: Ledger, tmp_path: Path
) -> None:
    limits = {"max_rounds": 1}
    first = await resources_at(simulator, ledger, limits=limits)
    question = (await run(first))["rounds"][0]["question"]
    await first.close()
    other = Ledger.open(f"sqlite:///{tmp_path / 'other.db'}")
    resources = await accepting(simulator, other, question, limits=limits)
    (entry,) = (await run(resources))["rounds"]
    await resources.close()
    assert entry["failure"] == "not_novel"
    assert entry["feedback"].startswith(f'repeats a question accepted from another document: "{question[:40]}')
    assert await calls(other, "weak", "strong", "quality_verifier") == 0
    other.close()


async def test_a_run_gone_on_with_keeps_to_what_was_found_new(simulator: str, ledger: Ledger) -> None:
    before = await accepting(simulator, ledger)
    result = await run(before)
    await before.close()
    asked = await calls(ledger, "challenger", "weak", "strong", "judge", "quality_verifier")
    # Meanwhile another document's item was accepted that is just like this one's: the verdicts stand.
    questions = [entry["question"] for entry in result["rounds"]]
    after = await accepting(simulator, ledger, *questions)
    assert await run(after) == result
    await after.close()
    assert await calls(ledger, "challenger", "weak", "strong", "judge", "quality_verifier") == asked


async def test_an_item_claims_its_place_at_the_audit_and_gives_it_up_if_refused(
    simulator: str, ledger: Ledger
) -> None:
    resources = await accepting(simulator, ledger)
    result = await run(resources)
    accepted = resources.accepted
    assert accepted is not None and result["verdict"] == "accepted"
    assert accepted.repeated("another", result["item"]["question"], 0.99)
    text, claimed = "Another one. " + DOCUMENT["text"], "Which replicas stop answering first?"
    easy = await accepting(simulator, ledger, models=too_easy_at(simulator), limits={"max_rounds": 1})
    assert easy.accepted is not None
    easy.accepted.add(Document.of("Queues", text).id, claimed)
    await run(easy, text)
    assert not easy.accepted.repeated("another", claimed, 0.99), "the round that claimed it has failed"
    await resources.close()
    await easy.close()


def test_an_earlier_question_of_the_document_is_named_and_composed_ones_are_compared_exactly() -> None:
    from types import SimpleNamespace

    from tests.autodata.test_rounds import ITEM

    def reason(domain: str, question: str, *earlier: str) -> str | None:
        resources: Any = SimpleNamespace(settings=configure(None, {"domain": domain}).settings)
        rounds: Any = [{"round": at, "question": text} for at, text in enumerate(earlier, 1)]
        return repeats_its_document(resources, ITEM.model_copy(update={"question": question}), rounds)

    one = 'What is the total "Sold (kg)" of all 3 shops divided by their total "Visitors"?'
    two = 'What is the total "Sold (kg)" of all 3 shops divided by their total "Price (EUR)"?'
    assert reason("numeric", two, one) is None
    assert reason("numeric", one, two, one) == f'repeats the question of round 2: "{one}" (similarity 1.00)'
    assert (reason("cs_research", two, one) or "").startswith("repeats the question of round 1")

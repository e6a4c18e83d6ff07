"""An analysis is kept as far as its quotes really occur, where it says they do."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.optimizer.answers import AnalyzerAnswer, checked

SAID = {
    ("doc-a", 1): [
        "The load grows  before the faster path\nsaturates, so the \u201cshift\u201d is small \u2014 at first."
    ],
    ("doc-a", 2): ["Nothing of the kind."],
    ("doc-b", 1): ["The load grows slowly, and before the faster one saturates nothing happens."],
}
EDITABLE = {"challenger.md"}


def pattern(*quotes: tuple[str, int, str], file: str = "challenger.md", share: float = 0.9) -> dict[str, Any]:
    evidence = [{"document_id": d, "round": r, "quote": q} for d, r, q in quotes]
    told = {"name": "copied", "cause": "the context says it", "proposed_change": "hide it", "target_file": file}
    return {**told, "share": share, "evidence": evidence}


def analysis(*patterns: dict[str, Any], documents: int = 4) -> Any:
    answer = AnalyzerAnswer.model_validate({"patterns": patterns, "do_not_repeat": ["longer contexts"]})
    return checked(answer, SAID, documents, EDITABLE)


@pytest.mark.parametrize(
    "quote",
    [
        "the load grows before the faster path saturates",
        'so the "shift" is small - at first',
        '"The load grows ... the "shift" is small"',
        "THE LOAD GROWS [...] saturates",
    ],
)
def test_a_quote_is_found_whatever_its_white_space_case_and_marks(quote: str) -> None:
    kept = analysis(pattern(("doc-a", 1, quote)))
    assert len(kept.patterns) == 1 and not kept.dropped
    assert kept.do_not_repeat == ("longer contexts",)


@pytest.mark.parametrize(
    ("document", "round", "quote"),
    [
        ("doc-a", 2, "the load grows before the faster path saturates"),  # another round
        ("doc-c", 1, "the load grows before the faster path saturates"),  # no such document
        ("doc-a", 1, "the load shrinks before the faster path saturates"),  # not said
        ("doc-a", 1, "saturates ... the load grows before"),  # in another order
        ("doc-a", 1, "the load"),  # too short to be evidence
        ("doc-a", 1, "... ... ..."),
        ("doc-a", 1, ""),
    ],
)
def test_a_pattern_without_evidence_is_dropped_and_said_so(document: str, round: int, quote: str) -> None:
    kept = analysis(pattern((document, round, quote)))
    assert not kept.patterns
    assert kept.dropped == ("copied: none of its quotes occurs where it says",)


def test_the_share_is_counted_by_code_and_the_most_frequent_comes_first() -> None:
    one = pattern(
        ("doc-a", 1, "the load grows before the faster"), ("doc-a", 2, "invented from nothing"), share=1.0
    )
    two = pattern(("doc-a", 1, "the load grows before"), ("doc-b", 1, "the load grows slowly"), share=0.1)
    kept = analysis(one, two)
    assert [found.share for found in kept.patterns] == [0.5, 0.25]
    assert len(kept.patterns[1].evidence) == 1


@pytest.mark.parametrize("file", ["solver.md", "judge.md", "domain.toml", "../challenger.md"])
def test_a_pattern_for_a_fixed_file_is_dropped(file: str) -> None:
    kept = analysis(pattern(("doc-a", 1, "the load grows before the faster"), file=file))
    assert not kept.patterns and file in kept.dropped[0]


@given(st.text(min_size=40, max_size=200), st.integers(0, 20), st.integers(20, 60))
def test_every_piece_of_what_was_said_is_evidence(text: str, start: int, length: int) -> None:
    quote = text[start : start + length]
    answer = AnalyzerAnswer.model_validate({"patterns": [pattern(("d", 1, quote))], "do_not_repeat": []})
    kept = checked(answer, {("d", 1): [text]}, 1, EDITABLE)
    plain = " ".join(quote.split())
    if plain.isascii() and plain.isalnum() and len(plain) >= 20:
        assert kept.patterns

"""What a round shows of a long document: within the budget, whole sentences, every part in its turn."""

import re
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from autodata.documents.outline import sections_of
from autodata.documents.selection import CHARS_PER_TOKEN, LEFT_OUT, excerpt, tokens_in

_NUMBERS = count()


def paper(sections: int = 8, paragraphs: int = 6) -> str:
    """Every sentence is another one, so that it can be found again."""
    parts = ["# A paper\n\nBy nobody."]
    for name in ["Abstract", "Introduction", *(f"Part {at}" for at in range(sections)), "References"]:
        body = "\n\n".join(
            " ".join(f"Sentence {next(_NUMBERS)} says that latency grows with load." for _ in range(5))
            for _ in range(1 if name == "Abstract" else paragraphs)
        )
        parts.append(f"## {name}\n\n{body}")
    return "\n\n".join(parts)


def sentences(text: str) -> set[str]:
    return set(re.findall(r"Sentence \d+ says that latency grows with load\.", text))


def test_a_short_document_is_shown_whole() -> None:
    text = paper()
    assert excerpt(text, tokens_in(text), 3) == (text, ())


@settings(max_examples=30, deadline=None)
@given(st.integers(500, 1500), st.integers(2, 12), st.integers(1, 12))
def test_an_excerpt_keeps_to_the_budget_and_to_whole_sentences(
    budget: int, sections: int, paragraphs: int
) -> None:
    text = paper(sections, paragraphs)
    for round in range(1, 6):
        part = excerpt(text, budget, round).text
        assert len(part) <= budget * CHARS_PER_TOKEN
        left = part
        for sentence in sentences(part):
            left = left.replace(sentence, "")
        assert "Sentence" not in left, "a sentence was cut"


def test_the_abstract_is_always_shown_and_every_other_part_in_its_turn() -> None:
    text = paper()
    shown: set[str] = set()
    names: list[tuple[str, ...]] = []
    for round in range(1, 12):
        part = excerpt(text, 1_000, round)
        assert "## Abstract" in part.text and "Abstract" in part.sections
        shown |= sentences(part.text)
        names.append(part.sections)
    wanted = sentences(text.partition("## References")[0])
    assert shown == wanted, "references are left out, and nothing else"
    assert names[0] != names[1], "the next round looks at another part"
    assert LEFT_OUT in excerpt(text, 1_000, 2).text


def test_a_text_without_headings_or_paragraphs_is_shown_by_sentences() -> None:
    text = " ".join(f"Sentence {next(_NUMBERS)} says that latency grows with load." for _ in range(400))
    seen: set[str] = set()
    for round in range(1, 30):
        part = excerpt(text, 800, round)
        assert part.text.removesuffix(LEFT_OUT).strip().endswith(".")
        assert len(part.sections) <= 3, "pieces are as large as they can be"
        seen |= sentences(part.text)
    assert seen == sentences(text)


def test_an_abbreviation_ends_no_sentence() -> None:
    text = " ".join(f"As Smith et al. (2009) show in Fig. 3, case {at} holds." for at in range(300))
    for round in range(1, 9):
        for piece in excerpt(text, 500, round).text.removesuffix(LEFT_OUT).split(LEFT_OUT):
            assert piece.strip().startswith("As Smith") and piece.strip().endswith("holds.")


def test_sections_joined_are_the_text_and_a_comment_in_code_is_no_heading() -> None:
    text = "Before\n# One\ntext\n```\n# no heading\n```\n## Two ##\nend"
    found = sections_of(text)
    assert [section.title for section in found] == ["", "One", "Two"]
    assert "".join(section.text for section in found) == text

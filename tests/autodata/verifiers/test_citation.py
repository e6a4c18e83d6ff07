"""The citation check: a passage of the document is found however it was typeset, and nothing else is."""

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.schemas import Document
from autodata.verifiers.citation import citation, occurs, quoted
from tests.autodata.checks.examples import item

WORD = r"[a-zäößéñ]{1,12}|[0-9]{1,3}(\.[0-9])?|[a-z]{2,6}-[a-z]{2,6}"
WORDS = st.lists(st.from_regex(WORD, fullmatch=True), min_size=8, max_size=60)


@st.composite
def _cut(draw: st.DrawFn) -> tuple[str, str]:
    """A document, and a passage cut from it and set in type anew."""
    words = draw(WORDS)
    start = draw(st.integers(0, len(words) - 5))
    passage = words[start : draw(st.integers(start + 4, len(words)))]
    for at, word in enumerate(passage):
        if len(word) > 4 and word.isalpha() and draw(st.booleans()):
            split = draw(st.integers(2, len(word) - 2))
            hyphen = draw(st.sampled_from(["-", "\u00ad", "\u2010"]))
            passage[at] = f"{word[:split]}{hyphen}\n{word[split:]}"
        passage[at] = passage[at].replace("fi", draw(st.sampled_from(["fi", "\ufb01"])))
    gap = draw(st.sampled_from([" ", "\n", "  \n ", "\u00a0", "\t"]))
    text = gap.join(passage)
    return textwrap.fill(" ".join(words), draw(st.integers(8, 90))), text.upper() if draw(st.booleans()) else text


@given(_cut())
def test_a_passage_of_the_document_is_found_however_it_is_wrapped(cut: tuple[str, str]) -> None:
    document, passage = cut
    assert occurs(passage, document)
    assert citation(item(context=f'It says: "{passage}".'), Document.of("t", document)) == []


@given(WORDS, st.integers(0, 7), st.from_regex(r"[a-z]{3,8}", fullmatch=True))
def test_a_passage_with_a_word_more_is_not_found(words: list[str], at: int, more: str) -> None:
    text = " ".join(words)
    changed = " ".join([*words[:at], f"q{more}q", *words[at:]])
    assert not occurs(changed, text)


@pytest.mark.parametrize(
    ("document", "passage", "found"),
    [
        ("The rate rose from 5-10 to 0.5 %.", "rose from 5–10 to 0.5 %", True),  # noqa: RUF001
        ("The rate rose by 0.5 % in all.", "rose by 05 % in all", False),
        ("The rate rose by 15 in all.", "rose by 1.5 in all", False),
        ("It is -4 or less here.", "It is 4 or less here", False),
        ("A state-of-\nthe-art method wins.", "state-of-the-art method wins", True),
        ("An *efficient* `cache` wins here.", "an efficient cache wins here", True),
        ("He said ‘no more of it’ and left.", "said 'no more of it' and left", True),  # noqa: RUF001
        ("The court held the claim barred.", "[T]he court held the claim barred", True),
        ("One two three four. Five six seven.", "one two ... five six seven", True),
        ("One two three four. Five six seven.", "five six ... one two three", False),
        ("One two three four five.", "One two three four five,", True),
    ],
)
def test_what_typesetting_changes_is_passed_over_and_what_is_said_is_not(
    document: str, passage: str, found: bool
) -> None:
    assert occurs(passage, document) is found


@pytest.mark.parametrize(
    ("text", "passages"),
    [
        ('a "one two three four" b', ["one two three four"]),
        ("“one two three\nfour” and „fünf sechs sieben acht“", ["one two three four", "fünf sechs sieben acht"]),
        ("«one two three four» ``five six seven eight''", ["one two three four", "five six seven eight"]),
        ("‘it’s one two three’ but it's not 'this one here now'", ["it’s one two three"]),  # noqa: RUF001
        ('a "term of art" is no passage', []),
        ('an odd " mark\n\nand "one two three four"', ["one two three four"]),
    ],
)
def test_passages_in_quotation_marks_are_found(text: str, passages: list[str]) -> None:
    assert quoted(text) == passages


def test_every_part_of_an_item_is_read_and_each_false_quote_is_named() -> None:
    false = '"alpha beta gamma delta" and "epsilon zeta eta theta"'
    document = Document.of("t", "alpha beta gamma delta")
    for part in ("context", "question", "reference_answer"):
        assert citation(item(**{part: false}), document) == [
            'the document does not hold the quote "epsilon zeta eta theta"'
        ]
    assert len(citation(item(criteria=[false]), document)) == 1

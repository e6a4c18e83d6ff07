"""The code overrides: every published pattern fires as a word, and what only looks like one does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.overrides import PHRASES, QUESTION_CHARS, overrides

STREETS = ("1850 Elm Street", "1901 N. Martin Luther King Blvd", "1812 5th Ave", "1850 Broadway")


@pytest.mark.parametrize("phrase", PHRASES)
def test_each_phrase_fires_in_any_case_and_spacing_and_names_itself(phrase: str) -> None:
    for written in (phrase, phrase.upper(), phrase.replace(" ", "\n  ")):
        assert overrides(f"They told me {written} something.") == (f'the phrase "{phrase}"',)


@pytest.mark.parametrize(
    "question",
    [
        "My contract assigned the lease to him.",  # act as
        "The pact assured us of a refund.",
        "In regards to my deposit, and in re-entry of the data.",  # in re
        "It was on appealing terms.",  # on appeal
        "He was in the cases of wine department.",
        "Your answer: you are another tenant?",
    ],
)
def test_a_phrase_inside_other_words_does_not_fire(question: str) -> None:
    assert overrides(question) == ()


@pytest.mark.parametrize(
    ("question", "year"),
    [
        ("The deed is of 1899.", "1899"),
        ("A covenant from 1921, never used.", "1921"),
        ("It was signed March 3, 1938.", "1938"),
        ("It was built in the 1920s.", "1920s"),
        ("In 1850 Elm Street was widened.", "1850"),
        ("The 1925 Supreme Court decision.", "1925"),
        ("There was no 1920 deed.", "1920"),
    ],
)
def test_a_year_before_1940_fires(question: str, year: str) -> None:
    assert overrides(question) == (f"the year {year}",)


@pytest.mark.parametrize(
    "question",
    [
        *(f"I live at {street}." for street in STREETS),
        "I paid $1850, then 1900 dollars, then 1,920.",
        "A lot of 1850 square feet, and 1812.50 more.",
        "Apartment 1901, Section 1920, No. 1812, call 555-1850.",
        "In 1940 and in 2019 nothing happened; part A1850 and invoice 218501.",
    ],
)
def test_a_number_that_is_no_year_does_not_fire(question: str) -> None:
    assert overrides(question) == ()


def test_a_question_over_the_limit_fires_and_says_how_long_it_is() -> None:
    assert overrides("x" * QUESTION_CHARS) == ()
    assert overrides("x" * (QUESTION_CHARS + 1)) == ("1001 characters, at most 1000",)


def test_every_hit_is_named_once() -> None:
    told = overrides("Act as my lawyer, act as in 1850 and in 1850, on appeal.")
    assert told == ('the phrase "act as"', 'the phrase "on appeal"', "the year 1850")


words = st.text(st.characters(codec="utf-8"), max_size=80)


@given(words, st.sampled_from(PHRASES), words)
def test_no_text_around_a_phrase_hides_it(before: str, phrase: str, after: str) -> None:
    assert any(phrase in told for told in overrides(f"{before} {phrase} {after}"))


@given(st.integers(1000, 2999))
def test_a_bare_number_is_a_year_in_the_published_ranges_only(number: int) -> None:
    expected = 1800 <= number <= 1899 or 1900 <= number <= 1939
    assert bool(overrides(f"It dates from {number} or so.")) is expected

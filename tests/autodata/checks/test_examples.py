"""The code checks on hand-written items: what a person would keep is kept, what they refuse is refused."""

from typing import get_args

import pytest

from autodata.checks.leakage import CONTEXT_SHARE_MAX, context_leak, ngram_share
from autodata.checks.table import CHECKS, found_in
from autodata.prompting import Check
from tests.autodata.checks.examples import BAD, CRITERIA, DOCUMENT, GOOD, Example, item


def test_every_check_that_a_domain_can_name_exists() -> None:
    assert set(CHECKS) == set(get_args(Check))


@pytest.mark.parametrize("example", GOOD, ids=lambda example: example.name)
def test_a_good_item_is_kept(example: Example) -> None:
    assert found_in(example.item, DOCUMENT, list(CHECKS)) == []


@pytest.mark.parametrize("example", BAD, ids=lambda example: example.name)
def test_a_bad_item_is_refused_by_its_check_and_no_other(example: Example) -> None:
    assert tuple(name for name, check in CHECKS.items() if check(example.item, DOCUMENT)) == example.found


def test_the_leak_threshold_lies_between_clean_and_leaking_items() -> None:
    clean = [ngram_share(example.item) for example in GOOD]
    leaking = [ngram_share(example.item) for example in BAD if "context_leak" in example.found]
    assert max(clean) < 0.1 < CONTEXT_SHARE_MAX < 0.25 < min(leaking)


@pytest.mark.parametrize(
    ("check", "given", "named"),
    [
        ("unseen_text", {"question": "What does Table 3 of the paper imply?"}, '"the paper", "Table 3"'),
        ("phrasing", {"question": "Explain why it works."}, 'asks to explain: "Explain why it works."'),
        ("number_leak", {"criteria": [*CRITERIA, "Says 87.3 ms and 6.5 %."]}, "criterion 6 wants 87.3, 6.5 %"),
        ("dominant_criterion", {"weights": [9, 2, 2, 2, 2]}, "criterion 1 carries 9 of 17 points"),
        ("citation", {"context": 'It says "no such words in there".'}, '"no such words in there"'),
    ],
)
def test_what_was_found_is_named(check: Check, given: dict[str, object], named: str) -> None:
    assert named in " ".join(CHECKS[check](item(**given), DOCUMENT))


def test_a_short_reference_has_no_telling_share() -> None:
    assert context_leak(item(reference_answer="The oldest waiting item."), DOCUMENT) == []

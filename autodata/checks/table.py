"""The checks that code makes of an item before anyone is paid to, by the names that a domain switches on."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from autodata.checks.leakage import context_leak, number_leak
from autodata.checks.weights import dominant_criterion
from autodata.checks.wording import phrasing, unseen_text
from autodata.prompting import Check
from autodata.schemas import Document, Item
from autodata.verifiers.citation import citation

CHECKS: Final[Mapping[Check, Callable[[Item, Document], list[str]]]] = MappingProxyType(
    {
        "citation": citation,
        "context_leak": context_leak,
        "number_leak": number_leak,
        "unseen_text": unseen_text,
        "dominant_criterion": dominant_criterion,
        "phrasing": phrasing,
    }
)


def found_in(item: Item, document: Document, checks: Sequence[Check]) -> list[str]:
    """Every problem that some checks find, each a sentence that names what was found."""
    return [problem for name in checks for problem in CHECKS[name](item, document)]

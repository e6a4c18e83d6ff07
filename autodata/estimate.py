"""Says before a paid call what a run will take: calls, tokens, cost and time, by published or measured rounds."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from autodata.prompting import Domain
from autodata.schemas import ROLES, Role
from autodata.settings import Settings

CHARS_A_TOKEN = 4
"""English text in the usual vocabularies; other languages and code take more tokens."""


class Range(NamedTuple):
    """A figure with the bounds it should stay within; the bounds are not a promise."""

    low: float
    likely: float
    high: float

    def times(self, factor: float) -> "Range":
        """All three, multiplied."""
        return Range(*(value * factor for value in self))

    def plus(self, other: "Range") -> "Range":
        """Both together."""
        return Range(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


NONE = Range(0, 0, 0)


class RoleRates(NamedTuple):
    """What one role takes."""

    calls: Range
    """A document."""
    tokens_in: float
    """A call, without the document's own text."""
    reads_document: bool
    tokens_out: Range
    """A call."""
    seconds: float
    """A call."""


class Rates(NamedTuple):
    """How runs of a kind go: by role, and where the figures come from."""

    basis: str
    roles: Mapping[Role, RoleRates]
    rounds: float
    """A document."""


class Shape(NamedTuple):
    """Of published runs: how many rounds, and how far a round comes."""

    rounds: Range
    quality_refuses: float
    weak_refuses: float
    audit_refuses: float


# Method reference 2.4 and 9.2: 6.59 rounds an accepted item, later runs a median of 3; 2.3: of 880 rounds that
# failed, 80 % were too easy, 13 % failed on strong and 7 % in the quality check; 9.5: the last check lost half.
PUBLISHED = Shape(rounds=Range(3, 6.59, math.inf), quality_refuses=0.07, weak_refuses=0.80, audit_refuses=0.5)

# Tokens of an item of published size (9.2: question 619 characters, 13.1 criteria), and of what is said about it.
ITEM_TOKENS, ANSWER_TOKENS, VERDICT_TOKENS, ADVICE_TOKENS, CHECK_TOKENS = 1_100, 600, 550, 300, 120
SPREAD = (0.5, 1.0, 2.5)
"""How much shorter and longer than assumed answers may be, where nothing was measured."""
TOKENS_A_SECOND, FIRST_TOKEN_S = 60.0, 0.8
"""How fast a hosted model answers, where nothing was measured."""


def published_rates(settings: Settings, domain: Domain) -> Rates:
    """Rates from the published means, for a domain and its settings."""
    most = float(settings.limits.max_rounds)
    rounds = Range(*(min(value, most) for value in PUBLISHED.rounds))
    failed = Range(*(max(value - 1, 0.0) for value in rounds))  # and one that is accepted
    weak = rounds.plus(failed.times(-PUBLISHED.quality_refuses))
    strong = weak.plus(failed.times(-PUBLISHED.weak_refuses))
    likely = min(1 / PUBLISHED.audit_refuses, rounds.likely)
    audits = Range(1, likely, max(strong.high, likely))
    coded = domain.file.verifier != "rubric"  # items and answers are checked by code, not by a model
    tries = weak.times(settings.attempts.weak).plus(strong.times(settings.attempts.strong))
    calls: dict[Role, Range] = {
        "orchestrator": failed if settings.loop.feedback == "diagnosis" else NONE,
        "challenger": rounds,
        "quality_verifier": NONE if coded else rounds.plus(audits),
        "judge": NONE if coded else tries,
        "weak": weak.times(settings.attempts.weak),
        "strong": strong.times(settings.attempts.strong),
    }
    asked: dict[Role, tuple[int, int]] = {
        "orchestrator": (ITEM_TOKENS + 6 * ANSWER_TOKENS, ADVICE_TOKENS),
        "challenger": (ITEM_TOKENS // 2, ITEM_TOKENS),
        "quality_verifier": (ITEM_TOKENS, CHECK_TOKENS),
        "judge": (ITEM_TOKENS + ANSWER_TOKENS, VERDICT_TOKENS),
        "weak": (ITEM_TOKENS // 2, ANSWER_TOKENS),
        "strong": (ITEM_TOKENS // 2, ANSWER_TOKENS),
    }
    roles = {role: _published(role, settings, domain, calls[role], *asked[role]) for role in ROLES}
    return Rates("published means", roles, rounds.likely)


def _published(
    role: Role, settings: Settings, domain: Domain, calls: Range, tokens_in: int, tokens_out: int
) -> RoleRates:
    name = "solver" if role in ("weak", "strong") else role
    prompt = sum(len(body) for _, body in domain.prompts[name].sections) if name in domain.prompts else 0
    limit = settings.model(role).max_tokens
    out = Range(*(min(tokens_out * factor, limit) for factor in SPREAD))
    return RoleRates(
        calls=calls,
        tokens_in=tokens_in + prompt / CHARS_A_TOKEN,
        reads_document=role in ("challenger", "quality_verifier"),
        tokens_out=out,
        seconds=FIRST_TOKEN_S + out.likely / TOKENS_A_SECOND,
    )


def estimate(chars: Sequence[int], settings: Settings, rates: Rates) -> dict[str, Any]:
    """What a run will take: documents, and by role and in all calls, tokens, cost in USD, and seconds.

    Args:
        chars: the length of each document.
        settings: models, prices and limits.
        rates: how runs of the kind go.
    """
    count, total = len(chars), sum(chars)
    roles: dict[str, dict[str, Range]] = {}
    for role, rate in rates.roles.items():
        model = settings.model(role)
        read = rate.tokens_in * count + (total / CHARS_A_TOKEN if rate.reads_document else 0)
        tokens_in = rate.calls.times(read)
        tokens_out = Range(*(c * t * count for c, t in zip(rate.calls, rate.tokens_out, strict=True)))
        cost = tokens_in.times(model.price_in / 1e6).plus(tokens_out.times(model.price_out / 1e6))
        calls = rate.calls.times(count)
        roles[role] = {"calls": calls, "tokens_in": tokens_in, "tokens_out": tokens_out, "cost_usd": cost}
    sums = {
        name: _summed([role[name] for role in roles.values()])
        for name in ("calls", "tokens_in", "tokens_out", "cost_usd")
    }
    return {
        "documents": count,
        "basis": rates.basis,
        "roles": {role: _plain(figures) for role, figures in roles.items() if figures["calls"].high},
        **_plain(sums),
        "seconds": _rounded(_seconds(count, settings, rates)),
    }


def _seconds(count: int, settings: Settings, rates: Rates) -> Range:
    """The longer of two: documents one after the other in their places, or calls at what the endpoints take."""
    places = max(min(settings.limits.concurrency, count), 1)
    # Attempts run side by side: of a solver's calls, and the judge's of each, one after the other counts.
    side = {"weak": settings.attempts.weak, "strong": settings.attempts.strong}
    side["judge"] = min(side.values())
    in_turn = busy = NONE
    for role, rate in rates.roles.items():
        spent = rate.calls.times(rate.seconds)
        in_turn = in_turn.plus(spent.times(1 / side.get(role, 1)))
        busy = busy.plus(spent.times(1 / settings.model(role).max_concurrency))
    turns = in_turn.times(math.ceil(count / places))
    return Range(*(max(pair) for pair in zip(turns, busy.times(count), strict=True)))


def _summed(ranges: Sequence[Range]) -> Range:
    total = NONE
    for one in ranges:
        total = total.plus(one)
    return total


def _plain(figures: Mapping[str, Range]) -> dict[str, Any]:
    return {name: _rounded(value, 4 if name == "cost_usd" else 0) for name, value in figures.items()}


def _rounded(value: Range, digits: int = 0) -> dict[str, float]:
    names = zip(value._fields, value, strict=True)
    return {name: round(number, digits) if digits else round(number) for name, number in names}

"""Estimates. I1: low <= likely <= high. I2: twice the documents, twice the calls. I3: what is free costs 0."""

from typing import Any

from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from autodata.estimate import estimate, published_rates
from autodata.prompting import load_domain
from autodata.settings import Settings, configure
from tests.conftest import models_at


def settings(domain: str = "cs_research", price: float = 1.0, **limits: int) -> Settings:
    models = models_at("http://127.0.0.1:9/v1", price_in=price, price_out=4 * price)
    return configure(None, {"domain": domain, "models": models, "limits": limits}).settings


def found(chars: list[int], given: Settings) -> dict[str, Any]:
    return estimate(chars, given, published_rates(given, load_domain(given.domain)))


@effort(max_examples=25, deadline=None)
@given(st.lists(st.integers(200, 100_000), min_size=1, max_size=50), st.integers(1, 30), st.integers(1, 64))
def test_i1_i2_bounds_are_in_order_and_documents_add_up(chars: list[int], rounds: int, places: int) -> None:
    given = settings(max_rounds=rounds, concurrency=places)
    once, twice = found(chars, given), found(chars * 2, given)
    for name in ("calls", "tokens_in", "tokens_out", "cost_usd", "seconds"):
        assert 0 <= once[name]["low"] <= once[name]["likely"] <= once[name]["high"]
    assert abs(twice["calls"]["likely"] - 2 * once["calls"]["likely"]) <= 1


def test_i3_free_models_cost_nothing_and_code_that_checks_calls_no_model() -> None:
    assert found([1000], settings(price=0.0))["cost_usd"] == {"low": 0, "likely": 0, "high": 0}
    numeric = found([1000], settings("numeric"))["roles"]
    assert {"judge", "quality_verifier"}.isdisjoint(numeric) and "weak" in numeric


def test_the_published_round_is_what_the_estimate_is_made_of() -> None:
    likely = found([1000] * 100, settings())["roles"]
    assert likely["challenger"]["calls"] == {"low": 300, "likely": 659, "high": 1500}
    # 659 rounds, of which 559 fail: 7 % before the weak solver is asked, 80 % after it.
    assert likely["weak"]["calls"]["likely"] == round(3 * (659 - 0.07 * 559))
    assert likely["strong"]["calls"]["likely"] == round(3 * (659 - 0.87 * 559))

"""Truth that needs no model, by name."""

from collections.abc import Callable

from autodata.verifiers.base import Brief, PastRound, Verifier
from autodata.verifiers.code.verifier import CodeVerifier
from autodata.verifiers.numeric.verifier import NumericVerifier
from autodata.verifiers.symbolic.verifier import SymbolicVerifier

__all__ = ["Brief", "PastRound", "Verifier", "verifier_named"]


def verifier_named(name: str) -> Verifier | None:
    """The verifier that a domain names; None for `rubric`, whose answers a judge model scores."""
    makers: dict[str, Callable[[], Verifier]] = {
        "numeric": NumericVerifier,
        "code": CodeVerifier,
        "symbolic": SymbolicVerifier,
    }
    return makers[name]() if name in makers else None

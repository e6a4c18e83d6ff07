"""Truth that needs no model, by name."""

from autodata.verifiers.base import Brief, PastRound, Verifier
from autodata.verifiers.numeric.verifier import NumericVerifier

__all__ = ["Brief", "PastRound", "Verifier", "verifier_named"]


def verifier_named(name: str) -> Verifier | None:
    """The verifier that a domain names; None for `rubric`, whose answers a judge model scores."""
    return NumericVerifier() if name == "numeric" else None

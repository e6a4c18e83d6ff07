"""Finds documents that are nearly the same: MinHash over runs of words, found through bands of the signature.

Broder, On the resemblance and containment of documents (1997); one-permutation hashing after Li, Owen and Zhang
(2012), with empty places filled from the next one that is not (Shrivastava and Li, 2014).
"""

import zlib
from bisect import bisect_left
from typing import NamedTuple

SHINGLE = 5
"""Words in a run: enough that texts on one subject share few."""
PLACES = 128
"""Values in a signature: the estimate's standard error is at most 0.044."""
BAND = 8
"""Values in a band: two texts are compared if they agree in a whole band."""
SIMILAR = 0.8
"""From this similarity on a document is a near duplicate; of such pairs 95 in 100 agree in a band, at 0.9 all."""

_LONGEST_WORD = 25
"""Mean letters a word beyond which a text is compared by its characters."""


class Near(NamedTuple):
    """An earlier document that is nearly the same, and how similar: the share of runs of words in common."""

    name: str
    similarity: float


def signature_of(text: str) -> bytes:
    """A text's signature, a byte a place: the same in every process, since hashes of numbers are not seeded."""
    tokens = text.lower().split()
    if len(text) > _LONGEST_WORD * len(tokens):
        tokens = list(text)  # a script that sets no spaces
    numbers = {token: zlib.crc32(token.encode("utf-8", "surrogatepass")) for token in set(tokens)}
    line = [numbers[token] for token in tokens]
    runs = set(map(hash, zip(*(line[at:] for at in range(SHINGLE)), strict=False))) or {hash(tuple(line))}
    # Only small ones can be the least of their place; to sort them all would take most of the time.
    most = (1 << 64) * 20 * PLACES // len(runs) - (1 << 63)
    falling = sorted((run for run in runs if run < most), reverse=True)
    least = {run & (PLACES - 1): run for run in falling}  # the last of a place's runs stays: the least
    filled = sorted(least)
    chosen = [least[filled[bisect_left(filled, place) % len(filled)]] for place in range(PLACES)]
    return bytes(run >> 24 & 0xFF for run in chosen)


class DuplicateIndex:
    """The documents so far: some 2 kB each, however long they are."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._signatures: list[bytes] = []
        self._bands: list[dict[bytes, list[int] | int]] = [{} for _ in range(PLACES // BAND)]

    def add(self, name: str, signature: bytes) -> None:
        """Remember a document."""
        number = len(self._names)
        self._names.append(name)
        self._signatures.append(signature)
        for band, key in zip(self._bands, _keys(signature), strict=True):
            held = band.setdefault(key, number)
            if isinstance(held, list):
                held.append(number)
            elif held != number:
                band[key] = [held, number]

    def nearest(self, signature: bytes) -> Near | None:
        """The most similar document so far, the earliest of several; None if none is a near duplicate."""
        candidates: set[int] = set()
        for band, key in zip(self._bands, _keys(signature), strict=True):
            held = band.get(key)
            candidates.update(held if isinstance(held, list) else () if held is None else (held,))
        best: Near | None = None
        for number in sorted(candidates):
            same = sum(map(int.__eq__, signature, self._signatures[number])) / PLACES
            if same >= SIMILAR and (best is None or same > best.similarity):
                best = Near(self._names[number], same)
        return best


def _keys(signature: bytes) -> list[bytes]:
    return [signature[at : at + BAND] for at in range(0, PLACES, BAND)]

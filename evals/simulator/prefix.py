"""Counts how much of a prompt a prefix cache would hold: whole blocks that an earlier prompt began with."""

import hashlib
from collections import OrderedDict

BLOCK_CHARS = 512
"""128 tokens of four characters: the step in which providers report cached input."""
MOST_BLOCKS = 50_000


class PrefixCache:
    """The prompts seen so far, as chains of block hashes; the longest unused ones are forgotten."""

    def __init__(self) -> None:
        self._seen: OrderedDict[bytes, None] = OrderedDict()

    def cached_chars(self, model: str, prompt: str) -> int:
        """How many of a prompt's first characters are known for a model; the prompt is known from now on."""
        chain, known, unbroken = hashlib.blake2b(model.encode(), digest_size=16), 0, True
        for at in range(0, len(prompt) - BLOCK_CHARS + 1, BLOCK_CHARS):
            chain.update(prompt[at : at + BLOCK_CHARS].encode())
            key = chain.digest()
            unbroken = unbroken and key in self._seen
            known += BLOCK_CHARS if unbroken else 0
            self._seen[key] = None
            self._seen.move_to_end(key)
        while len(self._seen) > MOST_BLOCKS:
            self._seen.popitem(last=False)
        return known

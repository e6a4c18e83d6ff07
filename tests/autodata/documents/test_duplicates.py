"""Near duplicates are found whatever the process, and documents on one subject are none."""

import os
import random
import subprocess
import sys

from autodata.documents.duplicates import DuplicateIndex, signature_of
from tests.conftest import EXAMPLES, ROOT

WORDS = [f"w{number}" for number in range(400)]


def prose(seed: int, words: int = 600) -> list[str]:
    return random.Random(seed).choices(WORDS, k=words)


def test_a_document_with_a_few_words_changed_is_a_near_duplicate() -> None:
    index = DuplicateIndex()
    for seed in range(20):
        index.add(f"{seed}.md", signature_of(" ".join(prose(seed))))
    for seed in range(20):
        changed = prose(seed)
        changed[seed * 7] = changed[seed * 13 + 300] = "other"
        found = index.nearest(signature_of(" ".join(changed)))
        assert found is not None and found.name == f"{seed}.md"
        assert 0.85 < found.similarity < 1, "ten of some 600 runs of five words differ"


def test_documents_on_one_subject_are_no_duplicates() -> None:
    index = DuplicateIndex()
    for path in sorted(EXAMPLES.glob("*.md")):
        signature = signature_of(path.read_text("utf-8"))
        assert index.nearest(signature) is None
        index.add(path.name, signature)


def test_a_text_without_spaces_is_compared_by_its_characters() -> None:
    letters = "".join(random.Random(1).choices([chr(0x4E00 + at) for at in range(300)], k=400))
    index = DuplicateIndex()
    index.add("a", signature_of(letters))
    assert index.nearest(signature_of(letters[:200] + "\u4e00" + letters[201:])) is not None
    assert index.nearest(signature_of(letters[::-1])) is None


def test_a_signature_is_the_same_in_every_process() -> None:
    program = (
        "from autodata.documents.duplicates import signature_of; print(signature_of('a b c d e f g h').hex())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert found == {signature_of("a b c d e f g h").hex()}

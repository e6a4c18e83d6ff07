"""Whether a question is new: measured on labelled pairs, and found as surely with the index as without."""

import json
from collections import Counter
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from autodata.documents.novelty import Accepted, repeated, similarity, wording_of
from autodata.settings import NoveltySettings

PAIRS = [
    json.loads(line) for line in (Path(__file__).parent / "question_pairs.jsonl").read_text("utf-8").splitlines()
]
THRESHOLD = NoveltySettings().threshold


def test_the_threshold_separates_the_labelled_pairs_as_documented() -> None:
    refused: Counter[str] = Counter()
    for pair in PAIRS:
        refused[pair["label"]] += similarity(wording_of(pair["a"]), wording_of(pair["b"])) >= THRESHOLD
    labelled = Counter(pair["label"] for pair in PAIRS)
    assert labelled == {"same": 19, "reworded": 19, "paraphrase": 20, "different": 32}
    # The table in docs/novelty.md: free paraphrases are beyond what shared words can tell.
    assert refused == {"same": 19, "reworded": 19, "paraphrase": 0, "different": 1}


def test_another_question_about_the_same_setting_is_new() -> None:
    setting = "A cache evicts the entry with the smallest product of size and access frequency."
    first = f"{setting} Which objects leave too early once sizes vary by orders of magnitude?"
    second = f"{setting} How would halving all frequencies each hour protect entries from a burst of newcomers?"
    assert repeated(second, [first], THRESHOLD) is None
    again = "Once sizes vary by orders of magnitude, which objects leave too early if " + setting.lower()
    found = repeated(again, ["Why does latency grow with load?", first], THRESHOLD)
    assert found is not None and found.question == first


def test_another_number_is_no_new_question_and_a_script_without_spaces_is_compared() -> None:
    question = "Suppose {} percent of the nodes fail at once. Which replicas stop answering first, and why?"
    assert repeated(question.format(20), [question.format(10)], THRESHOLD)
    chinese = "\u5982\u679c\u8d1f\u8f7d\u589e\u52a0\u4e00\u500d\u961f\u5217\u4f1a\u600e\u6837\u53d8\u5316\uff1f"
    assert repeated(chinese, [chinese], THRESHOLD)
    assert repeated(chinese, [chinese[::-1]], THRESHOLD) is None


WORDS = st.sampled_from("alpha beta gamma delta omega sigma kappa theta lambda".split())  # noqa: SIM905
QUESTIONS = st.lists(st.lists(WORDS, min_size=1, max_size=8).map(" ".join), min_size=1, max_size=12)


@settings(max_examples=100, deadline=None)
@given(QUESTIONS, st.lists(WORDS, min_size=1, max_size=8), st.sampled_from([0.3, 0.6, 0.9, 1.0]))
def test_the_index_finds_what_a_comparison_with_all_finds(
    earlier: list[str], words: list[str], threshold: float
) -> None:
    asked = " ".join(words) + "?"
    accepted = Accepted()
    for number, question in enumerate(earlier):
        accepted.add(str(number), question)
    wanted = repeated(asked, earlier, threshold)
    found = accepted.repeated("another", asked, threshold)
    assert (found and found.similarity) == (wanted and wanted.similarity)


def test_a_document_does_not_repeat_itself_and_a_withdrawn_question_is_free() -> None:
    accepted = Accepted()
    accepted.add("one", "Which replicas stop answering first?")
    assert accepted.repeated("one", "Which replicas stop answering first?", THRESHOLD) is None
    assert accepted.repeated("two", "Which replicas stop answering first?", THRESHOLD)
    accepted.withdraw("one")
    accepted.withdraw("never there")
    assert accepted.repeated("two", "Which replicas stop answering first?", THRESHOLD) is None

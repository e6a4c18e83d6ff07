"""Prompts begin with what is constant and end with what changes, so that providers' prefix caches hold them."""

import json
from pathlib import Path

import pytest

from autodata.prompting import domain_homes, load_domain
from tests.conftest import Autodata, config_file, write_papers

CHANGING = {
    "feedback",
    "kinds",
    "question",
    "context",
    "rubric",
    "answer",
    "reference_answer",
    "attempts",
    "failures",
}


@pytest.mark.parametrize("domain", domain_homes())
def test_nothing_that_changes_within_a_document_comes_before_it(domain: str) -> None:
    for name, prompt in load_domain(domain).prompts.items():
        if "document" not in prompt.placeholders:
            continue
        values = {key: f"<<{key}>>" for key in prompt.placeholders}
        more = [heading for heading, _ in prompt.sections if heading in ("feedback", "task", "audit")]
        text = "\n".join(message.text for message in prompt.messages(values, *more))
        before = text[: text.index("<<document>>")]
        early = [key for key in CHANGING if f"<<{key}>>" in before]
        assert not early, f"{domain}/{name}.md shows {early} before the document"
        assert before.index("<<title>>") > 500 if "<<title>>" in before else True, f"{name}: constant text first"


@pytest.mark.parametrize("domain", domain_homes())
def test_attempts_and_their_judgments_differ_only_at_the_end(domain: str) -> None:
    prompts = load_domain(domain).prompts
    if "judge" in prompts:
        values = {"context": "C" * 50, "question": "Q" * 50, "rubric": "R" * 50}
        texts = [
            "".join(message.text for message in prompts["judge"].messages({**values, "answer": answer}))
            for answer in ("first", "second")
        ]
        assert texts[0].removesuffix("first") == texts[1].removesuffix("second")


def test_most_of_a_runs_input_is_cached_where_the_endpoint_has_a_prefix_cache(
    autodata: Autodata, simulator: str, tmp_path: Path
) -> None:
    papers = write_papers(tmp_path / "papers", 4)
    told = autodata("run", papers, "--out", "out", "--config", config_file(tmp_path, simulator))
    tokens = json.loads((tmp_path / "out" / "summary.json").read_text())["tokens"]
    assert 0.4 * tokens["in"] < tokens["cached"] < tokens["in"]
    assert "cached)" in told.stdout

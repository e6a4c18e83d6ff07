"""Documents in every format, from end to end: what is listed, run, left out, and gone on with."""

import json
from pathlib import Path

from tests.autodata.documents.files import BODY, write_docx, write_epub, write_pdf
from tests.conftest import Autodata, config_file, write_papers


def library(folder: Path) -> Path:
    """A document in each format, one that is nearly another, and some that cannot be used."""
    write_papers(folder, 1)
    report = "# Wells\n\n" + " ".join(f"Well {at} gave {at * 7 % 90} litres a day in May." for at in range(60))
    (folder / "h.md").write_text(report)
    lines = [
        (18, "On waiting"),
        *((10, f"Line {at} of the report says how long jobs wait at night.") for at in range(30)),
    ]
    write_pdf(folder / "a.pdf", lines)
    write_docx(folder / "b.docx")
    write_epub(folder / "c.epub")
    (folder / "d.tex").write_text(
        r"\documentclass{article}\title{Tides}\begin{document}" + "The tide turns twice a day in this bay. " * 9
    )
    (folder / "e.html").write_text("<h1>Bread</h1><p>" + "Bread is baked at night and sold at dawn. " * 9)
    texts = [
        "Rivers carry sand to the sea in spring. " * 9,
        "too short",
        "Owls hunt mice in the barns at night. " * 9,
    ]
    (folder / "f.jsonl").write_text(
        "\n".join(json.dumps({"id": f"n{at}", "text": t}) for at, t in enumerate(texts))
    )
    (folder / "twin.md").write_text(report.replace("# Wells", "# Wells, second printing"))
    whole = write_pdf(folder / "0.pdf", [(10, f"Line {at} tells of bees and their winter.") for at in range(30)])
    whole.write_text(whole.read_text().replace("/Root", "/Riit"))
    return folder


LEFT_OUT = {
    "f.jsonl:2": "too short (9 of 200 characters)",
    "0.pdf": "broken: no readable PDF",
    "twin.md": "near duplicate of h.md (similarity 0.9",
}


def test_every_format_is_run_and_what_is_left_out_stays_out(
    autodata: Autodata, simulator: str, tmp_path: Path
) -> None:
    folder, config = library(tmp_path / "library"), config_file(tmp_path, simulator)
    listed = json.loads(autodata("documents", folder, "--json").stdout)
    problems = {entry["file"]: entry["problem"] for entry in listed["documents"] if entry["problem"]}
    titles = {entry["file"]: entry["title"] for entry in listed["documents"] if not entry["problem"]}
    assert titles == {
        "a.pdf": "On waiting",
        "b.docx": "Yield",
        "c.epub": "Of salt",
        "d.tex": "Tides",
        "e.html": "Bread",
        "f.jsonl:1": "f.jsonl:1",
        "f.jsonl:3": "f.jsonl:3",
        "h.md": "Wells",
        "paper000.md": "Paper 0",
    }
    assert problems.keys() == LEFT_OUT.keys()
    assert all(problems[name].startswith(reason) for name, reason in LEFT_OUT.items())
    assert listed["totals"]["usable"] == 9 and listed["totals"]["languages"].keys() == {"en", "?"}

    command = ["run", folder, "--out", "out", "--config", config]
    autodata(*command, "--max-calls", 30, "--concurrency", 1, check=3)
    (folder / "0.pdf").write_text((folder / "0.pdf").read_text().replace("/Riit", "/Root"))  # mended meanwhile
    autodata(*command)
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert summary["skipped"] == [{"file": name, "reason": problems[name]} for name in sorted(problems)]
    assert summary["documents"] == 9 == sum(summary[key] for key in ("accepted", "exhausted", "invalid"))
    made = [json.loads(line) for line in (tmp_path / "out" / "accepted.jsonl").read_text().splitlines()]
    assert {"n0", "n2"} <= {line["document_id"] for line in made} or summary["exhausted"]
    assert "12 of 12 documents done" in autodata("status", "out").stdout


def test_the_table_says_what_would_be_read(autodata: Autodata, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(f"# Queues\n\n{BODY * 9}")
    (tmp_path / "b.md").write_text("short")
    (tmp_path / "c.toml").write_text("[limits]\ndocument_tokens = 600\n")
    shown = autodata("documents", "*.md", "--config", "c.toml").stdout
    assert "Queues" in shown and "too short (5 of 200 characters)" in shown
    assert "1 documents, 1 left out" in shown and "longer than limits.document_tokens (600)" in shown
    assert "nothing matches *.pdf; check the pattern" in autodata("documents", "*.pdf", check=2).stderr


def test_a_title_cannot_speak_to_the_terminal(autodata: Autodata, tmp_path: Path) -> None:
    (tmp_path / "loud.md").write_text(f"# A \x1b[31mred\x1b[0m title\n\n{BODY}\n")
    shown = autodata("documents", "loud.md").stdout
    assert "red" in shown and "\x1b" not in shown

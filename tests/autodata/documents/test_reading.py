"""A file that cannot be used is left out by name and reason, and a hostile one ends within the limits."""

import os
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from autodata.documents.apart import Apart
from autodata.documents.archive import UNPACKED_BYTES
from autodata.documents.reading import Reader, Unreadable
from autodata.documents.sources import Source, find_sources
from tests.autodata.documents.files import BODY, write_docx, write_epub, write_pdf


@pytest.fixture
async def reader() -> AsyncIterator[Reader]:
    opened = Reader(most_bytes=1_000_000)
    yield opened
    await opened.close()


def source(path: Path) -> Source:
    return find_sources([path])[0]


def bomb(path: Path) -> None:
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("word/document.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(UNPACKED_BYTES // 10_000_000 + 1):
            part.write(bytes(10_000_000))


ENTITIES = '<!DOCTYPE w [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><w>&b;</w>'


async def test_every_bad_file_is_left_out_with_its_reason(reader: Reader, tmp_path: Path) -> None:
    bomb(tmp_path / "bomb.docx")
    write_docx(tmp_path / "entities.docx", ENTITIES)
    (tmp_path / "broken.docx").write_text(BODY)
    (tmp_path / "old.docx").write_bytes(b"\xd0\xcf\x11\xe0" + bytes(600))
    write_epub(tmp_path / "locked.epub", encrypted=True)
    write_pdf(tmp_path / "locked.pdf", [(10, "secret")], encrypted=True)
    write_pdf(tmp_path / "scan.pdf", [])
    (tmp_path / "broken.pdf").write_text("%PDF-1.4 " * 99)
    (tmp_path / "large.md").write_text(BODY)
    os.truncate(tmp_path / "large.md", 300_000_000)
    (tmp_path / "picture.png").write_bytes(b"\x89PNG" * 99)
    (tmp_path / "nowhere.md").symlink_to("nothing")
    os.mkfifo(tmp_path / "pipe.md")
    reasons = {}
    for found in find_sources([tmp_path]):
        with pytest.raises(Unreadable) as why:
            await reader.read(found)
        reasons[found.name] = str(why.value).partition(" (supported")[0]
    assert reasons == {
        "bomb.docx": "unpacks to more than UNPACKED_BYTES (210,000,000 of 200,000,000 bytes)",
        "broken.docx": "broken: File is not a zip file",
        "broken.pdf": "broken: no readable PDF",
        "entities.docx": "word/document.xml declares XML entities",
        "large.md": "larger than limits.document_bytes (300,000,000 of 1,000,000 bytes)",
        "locked.epub": "encrypted",
        "locked.pdf": "encrypted",
        "nowhere.md": "no regular file",
        "old.docx": "encrypted, or in the older Word format",
        "picture.png": "not a supported format",
        "pipe.md": "no regular file",
        "scan.pdf": "no text in its 1 pages: pictures of text need an OCR program first",
    }


async def test_a_file_that_is_parsed_for_ever_is_left_out_and_the_next_is_read(tmp_path: Path) -> None:
    slow = tmp_path / "slow.tex"
    slow.write_text(r"\documentclass{x}\begin{document}" + r"\begin{tabular}{a}" * 50_000)
    good = tmp_path / "good.tex"
    good.write_text(rf"\documentclass{{x}}\begin{{document}}{BODY}\end{{document}}")
    apart = Apart(seconds=0.5)
    with pytest.raises(Unreadable, match=r"READ_SECONDS \(0.5 s of processor time\)"):
        await apart.read(str(slow))
    assert (await apart.read(str(good))).text == BODY.strip()
    await apart.close()


async def test_what_no_server_takes_is_taken_out_of_a_text(reader: Reader, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(f'{{"id": "x", "text": "\\ud800 {BODY}\\u0000"}}')
    document = await reader.read(Source(str(tmp_path / "a.jsonl"), "a.jsonl:1", 2_000, offset=0))
    document.text.encode("utf-8")
    assert document.id == "x" and "\0" not in document.text and document.title == "a.jsonl:1"


def test_sources_come_by_name_with_globs_and_each_file_once(tmp_path: Path) -> None:
    for name in ("b.md", "a.md", ".hidden.md", "sub/c.txt", ".git/d.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / "lines.jsonl").write_text("{}\n\n{}\n")
    found = find_sources([tmp_path, tmp_path / "a.md"])
    assert [entry.name for entry in found] == ["a.md", "b.md", "lines.jsonl", "sub/c.txt"]
    assert [entry.documents for entry in found] == [1, 1, 2, 1]
    globbed = find_sources([f"{tmp_path}/**/*.txt", f"{tmp_path}/b*"])
    assert [entry.name for entry in globbed] == ["c.txt", "b.md"]

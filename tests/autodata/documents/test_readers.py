"""Each format gives its title, headings and tables; text in other encodings is read; bad files say why."""

import json
from pathlib import Path

import pytest

from autodata.documents import docx, epub, html, latex, pdf, plain
from autodata.documents.formats import Unreadable
from autodata.documents.jsonl import lines_of, read_line
from autodata.verifiers.numeric.tables import read_tables
from tests.autodata.documents.files import BODY, PROSE, write_docx, write_epub, write_pdf
from tests.conftest import ROOT

CORPUS = ROOT.parent / "shared" / "corpus"


def test_html_keeps_headings_tables_and_formulas_and_drops_what_is_no_text(tmp_path: Path) -> None:
    page = (
        "<html><head><title>Caf\xe9 prices</title><meta charset='iso-8859-1'><script>var x = 1</script></head>"
        "<body><nav>Home</nav><h2>Sales</h2><p>See <a href='http://x.y/z'>the caf\xe9</a>.</p>"
        "<math alttext='x^2'><mi>x</mi></math>"
        "<table><tr><th>Shop</th><th>Sold (kg)</th></tr><tr><td>A</td><td>1,200</td></tr>"
        "<tr><td>B</td><td>80</td></tr></table><footer>imprint</footer></body></html>"
    )
    (tmp_path / "a.html").write_bytes(page.encode("latin-1"))
    title, text = html.read(str(tmp_path / "a.html"))
    assert title == "Caf\xe9 prices"
    assert "## Sales" in text and "See the caf\xe9." in text and "$x^2$" in text
    assert not any(word in text for word in ("Home", "imprint", "var x", "http"))
    (table,) = read_tables(text)
    assert table.rows == ("A", "B") and table.cell("A", "Sold (kg)") == 1200


def test_a_word_documents_headings_and_tables_become_markdown(tmp_path: Path) -> None:
    text = docx.read(str(write_docx(tmp_path / "a.docx"))).text
    assert text.startswith("# Yield") and PROSE.strip() in text
    (table,) = read_tables(text)
    assert table.cell("North", "Harvest (t)") == 31.5


def test_a_books_chapters_come_in_reading_order(tmp_path: Path) -> None:
    title, text = epub.read(str(write_epub(tmp_path / "a.epub")))
    assert title == "Of salt"
    assert 0 <= text.index("# Ports") < text.index("# Mines")


def test_a_pdfs_headings_are_found_by_their_letters(tmp_path: Path) -> None:
    lines = [
        (20, "On queues"),
        (10, "Queues are long"),
        (10, "and get longer."),
        (14, "Method"),
        (10, "We waited."),
    ]
    text = pdf.read(str(write_pdf(tmp_path / "a.pdf", lines))).text
    assert text == "# On queues\n\nQueues are long\nand get longer.\n\n## Method\n\nWe waited."


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of papers is not here")
def test_a_papers_sections_are_the_same_in_its_pdf_and_its_source() -> None:
    found = pdf.read(str(CORPUS / "papers_pdf" / "bobocep.pdf"))
    assert found.title.startswith("BoboCEP: a Fault-Tolerant")
    for heading in ("Summary", "Statement of Need", "Acknowledgements", "References"):
        assert f"\n## {heading}\n" in found.text
    assert "heterogeneous hardware" in found.text and "\ufffe" not in found.text


LATEX = r"""\documentclass{article} % a comment
\newcommand{\ours}{Fast\emph{Net}}
\title{Queues \& \textbf{caches}}
\begin{document}\maketitle
\begin{abstract}About 50\% of \ours{} waits~\cite{knuth}.\end{abstract}
\section{Introduction}\label{s}
\input{parts/intro}\input{../outside}\input{main}
\subsection*{Results}
\begin{itemize}\item One \item Two\end{itemize}
\begin{tabular}{lr}\toprule Name & Size (t)\\ \midrule x & 1\\ y & 2\\ \bottomrule\end{tabular}
$a_1 + b$
\end{document}"""


def test_latex_is_read_with_its_inputs_and_never_beyond_its_folder(tmp_path: Path) -> None:
    (tmp_path / "outside.tex").write_text("SECRET")
    (tmp_path / "paper" / "parts").mkdir(parents=True)
    (tmp_path / "paper" / "parts" / "intro.tex").write_text("It waits. \\input{link}")
    (tmp_path / "paper" / "link.tex").symlink_to(tmp_path / "outside.tex")
    (tmp_path / "paper" / "main.tex").write_text(LATEX)
    title, text = latex.read(str(tmp_path / "paper" / "main.tex"))
    assert title == "Queues & caches"
    assert "# Abstract\nAbout 50% of FastNet waits [knuth]." in text
    assert "# Introduction\n\nIt waits." in text and "## Results" in text and "- One\n- Two" in text
    assert "SECRET" not in text and "comment" not in text and "$a_1 + b$" in text
    assert read_tables(text)[0].rows == ("x", "y")


def test_a_part_of_a_latex_document_is_none_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "intro.tex").write_text(BODY)
    with pytest.raises(Unreadable, match="a part of another LaTeX file"):
        latex.read(str(tmp_path / "intro.tex"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252", "cp1251", "shift_jis"])
def test_text_is_read_in_its_encoding(encoding: str) -> None:
    text = {
        "cp1251": "Лес растёт медленно, и реки текут через долины к морю, но зимой здесь тихо. ",
        "shift_jis": "待ち行列は負荷が高くなると長くなります。これは一般的な現象です。",
    }.get(encoding, "Die Größe der Wälder wächst über die Jahre, während die Bäume älter werden. ")
    assert plain.decode((text * 9).encode(encoding)) == text * 9


def test_jsonl_gives_a_document_a_line(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    lines = [
        json.dumps({"id": 7, "title": "T", "text": "One"}),
        "",
        "{broken",
        '{"text": 5}',
        '{"id": [1], "text": ""}',
    ]
    path.write_text("\n".join(lines) + '\n{"text": "last"}')
    found = list(lines_of(str(path)))
    assert [line.number for line in found] == [1, 3, 4, 5, 6], "a blank line is none"
    assert read_line(str(path), found[0].offset, found[0].size) == ("7", "T", "One")
    assert read_line(str(path), found[4].offset, found[4].size) == ("", "", "last")
    for line, said in zip(found[1:4], ("no JSON", 'no JSON object with a "text"', 'its "id"'), strict=True):
        with pytest.raises(Unreadable, match=said):
            read_line(str(path), line.offset, line.size)

"""Small files of each format for the tests, made by hand."""

import zipfile
from pathlib import Path

PROSE = "The study of queues shows that latency grows before throughput saturates, in every load that was tried. "
BODY = PROSE * 4


def write_docx(path: Path, body: str = "", names: tuple[str, ...] = ()) -> Path:
    """A Word document with a title, a paragraph and a table, or with the XML given."""
    head = '<?xml version="1.0"?>'
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    cell = "<w:tc><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc>"
    rows = "".join(
        f"<w:tr>{''.join(map(cell.format, row))}</w:tr>"
        for row in (("Orchard", "Harvest (t)"), ("North", "31.5"), ("South", "22"))
    )
    style = '<w:pPr><w:pStyle w:val="Heading1"/></w:pPr>'
    paragraphs = f"<w:p>{style}<w:r><w:t>Yield</w:t></w:r></w:p><w:p><w:r><w:t>{BODY}</w:t></w:r></w:p>"
    content = body or f"{head}<w:document {space}><w:body>{paragraphs}<w:tbl>{rows}</w:tbl></w:body></w:document>"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'{head}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        )
        archive.writestr(
            "_rels/.rels",
            f'{head}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="r" Type="{kinds}" Target="word/document.xml"/></Relationships>',
        )
        archive.writestr(
            "word/styles.xml",
            f'{head}<w:styles {space}><w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/>'
            "</w:style></w:styles>",
        )
        archive.writestr("word/document.xml", content)
        for name in names:
            archive.writestr(name, "")
    return path


def write_epub(path: Path, encrypted: bool = False) -> Path:
    """A book of two chapters, listed in another order than they are read."""
    dc = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "META-INF/container.xml",
            '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="OPS/book.opf"/></rootfiles></container>',
        )
        archive.writestr(
            "OPS/book.opf",
            f'<package xmlns="http://www.idpf.org/2007/opf"><metadata {dc}><dc:title>Of salt</dc:title></metadata>'
            '<manifest><item id="b" href="two.xhtml"/><item id="a" href="text/one%201.xhtml"/></manifest>'
            '<spine><itemref idref="a"/><itemref idref="b"/></spine></package>',
        )
        archive.writestr("OPS/text/one 1.xhtml", f"<html><body><h1>Ports</h1><p>{BODY}</p></body></html>")
        archive.writestr("OPS/two.xhtml", "<html><body><h1>Mines</h1><p>Salt was dug.</p></body></html>")
        if encrypted:
            listed = '<EncryptedData><CipherReference URI="OPS/two.xhtml"/></EncryptedData>'
            archive.writestr("META-INF/encryption.xml", f"<encryption>{listed}</encryption>")
    return path


def write_pdf(path: Path, lines: list[tuple[int, str]], encrypted: bool = False) -> Path:
    """A PDF of one page with lines in letters of some size."""
    shown, height = [], 800
    for size, text in lines:
        height -= round(1.2 * size) + (12 if size > 12 else 0)
        shown.append(f"BT /F1 {size} Tf 50 {height} Td ({text}) Tj ET")
    stream = "\n".join(shown)
    secret = "5 0 obj<</Filter/Standard/V 1/R 2/O<{0}>/U<{0}>/P -4>>endobj\n".format("00" * 32)
    objects = (
        "1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 850]/Contents 4 0 R/Resources<</Font<</F1"
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>endobj\n"
        f"4 0 obj<</Length {len(stream)}>>stream\n{stream}\nendstream endobj\n{secret if encrypted else ''}"
    )
    trailer = "/Encrypt 5 0 R/ID[<00><00>]" if encrypted else ""
    path.write_text(f"%PDF-1.4\n{objects}trailer<</Root 1 0 R{trailer}>>\n%%EOF\n")
    return path

"""Reads LaTeX: the main file with its inputs; sections and plain tables become Markdown, formulas stay TeX."""

import os
import re
from pathlib import Path

from autodata.documents.formats import Reading, Unreadable
from autodata.documents.latex_tables import tables_as_markdown
from autodata.documents.plain import decode

MOST_INPUTS = 500
MOST_BYTES = 50_000_000
"""Of a main file together with all its inputs."""

_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%.*\n?[ \t]*")
_INPUT = re.compile(r"\\(?:input|include|subfile)\s*\{([^{}]+)\}|\\input\s+([^\s{}\\]+)")
_BODY = re.compile(r"\\begin\{document\}(.*?)(?:\\end\{document\}|\Z)", re.DOTALL)
_ABSTRACT = re.compile(r"\\(?:begin|end)\{abstract\}")
_DROPPED = re.compile(
    r"\\(?:maketitle|tableofcontents|appendix|newpage|clearpage|noindent|centering|small|footnotesize|bigskip|"
    r"medskip|smallskip|par|hline|toprule|midrule|bottomrule|protect|displaystyle|nolinkurl)\b[ \t]*"
    r"|\\(?:label|vspace|hspace|bibliographystyle|bibliography|includegraphics|pagestyle|thispagestyle|"
    r"setlength|usepackage|graphicspath)\*?(?:\[[^\]]*\])?(?:\{[^{}]*\})+"
)
_FRAME = re.compile(
    r"[ \t]*\\(?:begin|end)\{(?:center|flushleft|flushright|quote|quotation|minipage|figure\*?|table\*?|"
    r"wrapfigure|multicols|itemize|enumerate|description)\}(?:\[[^\]]*\])?(?:\{[^{}]*\})*[ \t]*\n?"
)
_MACRO = re.compile(r"\\(?:(?:re)?newcommand\*?\s*\{?|def\s*)\\([A-Za-z]+)\}?\s*(?=\{)")
MACRO_ROUNDS = 3
"""How often macros are replaced: they may use each other."""
_LEVELS = {"part": 1, "chapter": 1, "section": 1, "subsection": 2, "subsubsection": 3, "paragraph": 4}
_WRAPPED = re.compile(
    r"\\(?:text(?:bf|it|tt|sc|rm|sf|sl|up)?|emph|underline|mbox|url|enquote|footnote|caption|title|author|date)"
    r"\*?(?:\[[^\]]*\])?\{([^{}]*)\}"
)
_LINK = re.compile(r"\\href\{[^{}]*\}\{([^{}]*)\}")
_CITATION = re.compile(
    r"~?\\(?:cite\w*|citep|citet|parencite|textcite|autocite|ref|eqref|autoref)\*?(?:\[[^\]]*\])*\{([^{}]*)\}"
)
_ITEM = re.compile(r"\s*\\item\b(?:\[([^\]]*)\])?[ \t]*")
_ESCAPED = re.compile(r"\\([%&_#])")


def read(path: str) -> Reading:
    """The title and text of a LaTeX document.

    Raises:
        Unreadable: if it is a part of another file, or its inputs are too many or too large.
    """
    main = Path(path)
    source = _expanded(_whole(main))
    if r"\documentclass" not in source:
        raise Unreadable(r"no \documentclass: a part of another LaTeX file")
    body = _BODY.search(source)
    title = _argument(source, "title")
    return Reading(_plain(title).strip() if title else "", _converted(body[1] if body else source))


def _whole(main: Path) -> str:
    r"""The main file with every \input put in its place; files outside its folder are left out."""
    folder = main.parent.resolve()
    left = [MOST_INPUTS, MOST_BYTES]

    def load(file: Path, inside: tuple[Path, ...]) -> str:
        content = file.read_bytes()
        left[0] -= 1
        left[1] -= len(content)
        if min(left) < 0:
            raise Unreadable(f"more than {MOST_INPUTS} inputs or {MOST_BYTES:,} bytes (MOST_INPUTS, MOST_BYTES)")
        text = _COMMENT.sub(r"\1", decode(content).replace("\r\n", "\n"))

        def put(found: re.Match[str]) -> str:
            wanted = _inside(folder, (found[1] or found[2]).strip())
            if wanted is None or wanted in inside:
                return ""
            return load(wanted, (*inside, wanted))

        return _INPUT.sub(put, text)

    resolved = main.resolve()
    return load(resolved, (resolved,))


def _inside(folder: Path, name: str) -> Path | None:
    """The file that an input names; None if there is none, or it lies outside the main file's folder."""
    for candidate in (f"{name}.tex", name):
        found = Path(os.path.realpath(folder / candidate))
        if found.is_relative_to(folder) and found.is_file():
            return found
    return None


def _expanded(source: str) -> str:
    """A source with its macros without arguments put in, as authors name their methods by them."""
    macros: dict[str, str] = {}
    for found in _MACRO.finditer(source):
        meaning = source[found.end() + 1 : _closing(source, found.end()) - 1]
        if "#" not in meaning and len(meaning) < 200:
            macros[found[1]] = meaning
    if not macros:
        return source
    used = re.compile(rf"(?<!\\newcommand\{{)(?<!\\def)\\({'|'.join(macros)})(?![A-Za-z])(?:\{{\}}|\\(?= ))?")
    for _ in range(MACRO_ROUNDS):
        source, changed = used.subn(lambda found: macros[found[1]], source)
        if not changed or len(source) > MOST_BYTES:
            break
    return source


def _converted(body: str) -> str:
    """A document's body as Markdown."""
    text = tables_as_markdown(body)
    text = _ABSTRACT.sub(lambda found: "\n# Abstract\n" if "begin" in found[0] else "\n", text)
    text = _headings(text)
    text = _ITEM.sub(lambda found: f"\n- {found[1] + ' ' if found[1] else ''}", _FRAME.sub("\n", text))
    return re.sub(r"\n[ \t]*\n\s*", "\n\n", _plain(text)).strip()


def _headings(text: str) -> str:
    r"""`\section{Title}` as `# Title`, and so on down."""
    pieces, at = [], 0
    for found in re.finditer(rf"\\({'|'.join(_LEVELS)})\*?[ \t]*(?:\[[^\]]*\])?(?=\{{)", text):
        if found.start() >= at:
            end = _closing(text, found.end())
            title = _plain(text[found.end() + 1 : end - 1])
            pieces += [text[at : found.start()], f"\n\n{'#' * _LEVELS[found[1]]} {' '.join(title.split())}\n\n"]
            at = end
    return "".join([*pieces, text[at:]])


def _plain(text: str) -> str:
    """A text without the commands that only format it; the innermost go first."""
    text = _LINK.sub(r"\1", _CITATION.sub(r" [\1]", _DROPPED.sub("", text)))
    for _ in range(5):
        text, changed = _WRAPPED.subn(r"\1", text)
        if not changed:
            break
    return _ESCAPED.sub(r"\1", text.replace(r"\\", "\n").replace("~", " ").replace("``", '"').replace("''", '"'))


def _argument(source: str, command: str) -> str:
    r"""What stands in the braces of a command such as `\title{...}`; empty if it is not used."""
    found = re.search(rf"\\{command}\s*(?:\[[^\]]*\])?(?=\{{)", source)
    return " ".join(source[found.end() + 1 : _closing(source, found.end()) - 1].split()) if found else ""


def _closing(text: str, at: int) -> int:
    """The place after the brace that closes the one at `at`; the end if none does."""
    depth = 0
    for found in re.compile(r"\\.|[{}]", re.DOTALL).finditer(text, at):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if depth == 0:
            return found.end()
    return len(text)

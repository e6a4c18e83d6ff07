"""Plain LaTeX tables as Markdown tables; one that spans rows or columns stays as it is."""

import re

_TABULAR = re.compile(
    r"\\begin\{(tabular[x*]?|longtable)\}(?:\[[^\]]*\])?(?:\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}){1,2}(.*?)\\end\{\1\}",
    re.DOTALL,
)
_RULES = re.compile(
    r"\\(?:hline|toprule|midrule|bottomrule|endhead|endfirsthead)\b|\\c(?:mid|)rule?\S*|\\cline\{[^}]*\}"
)
_ROW = re.compile(r"\\\\(?:\[[^\]]*\])?|\\tabularnewline\b")
_CELL = re.compile(r"(?<!\\)&")


def tables_as_markdown(text: str) -> str:
    """The text with each plain `tabular` written as a Markdown table."""
    return _TABULAR.sub(_table, text)


def _table(found: re.Match[str]) -> str:
    if re.search(r"\\multi(?:row|column)\b", found[2]):
        return found[0]
    rows = [
        [" ".join(cell.replace("|", r"\|").split()) for cell in _CELL.split(row)]
        for row in _ROW.split(_RULES.sub("", found[2]))
        if row.strip()
    ]
    if len(rows) < 2 or len({len(row) for row in rows}) > 1:
        return found[0]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n\n" + "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]]) + "\n\n"

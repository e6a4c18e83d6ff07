"""Reads a short answer in LaTeX as a formula, or sees that it is none; what is ambiguous is not read.

Runs in the worker process only. The text goes through the LaTeX grammar of `latex2sympy2_extended`: nothing of it
is ever evaluated as Python.
"""

import re
from typing import Any

from latex2sympy2_extended.latex2sympy2 import ConversionConfig, latex2sympy
from latex2sympy2_extended.math_normalization import NormalizationConfig
from sympy import EmptySet, EulerGamma, Float, Interval, Rational, S, Symbol, Tuple

# T is not t. Units stay: the library's list would take the g of `m g` for grams.
_CONVERSION = ConversionConfig(interpret_as_mixed_fractions=False, lowercase_symbols=False)
_NORMALIZATION = NormalizationConfig(malformed_operators=True, boxed="none")

_SPACING = re.compile(r"\\[,;:!> ]|\\q?quad|\\displaystyle|\\(?:left|right)(?![A-Za-z])|~|\\\(|\\\)|\\\[|\\\]|\$")
_PLAIN = re.compile(r"(?<![\\A-Za-z])(sqrt|ln|log|exp|(?:arc)?(?:sin|cos|tan)h?|pi)(?![A-Za-z])")
_TYPED = {
    "\N{GREEK SMALL LETTER PI}": r"\pi ",
    "\N{SQUARE ROOT}": r"\sqrt ",
    "\N{MIDDLE DOT}": r"\cdot ",
    "\N{MULTIPLICATION SIGN}": r"\times ",
    "\N{MINUS SIGN}": "-",
    "\N{SUPERSCRIPT TWO}": "^2",
    "\N{SUPERSCRIPT THREE}": "^3",
    "\N{INFINITY}": r"\infty ",
}
_NAME = re.compile(r"^(\\?[A-Za-z]+(?:_\w|_\{\w+\})?(?:\([^()=]*\))?)\s*=(.+)$", re.DOTALL)
_UPRIGHT = re.compile(r"\\(?:text|textbf|mathrm|mathbf|mathsf|operatorname)\s*\{([^{}]*)\}")
_PHRASE = re.compile(r"[A-Za-z][A-Za-z\s'-]*[A-Za-z.]")
_COMMAND = re.compile(r"\\(?:begin|end)\s*\{[^{}]*\}|\\[A-Za-z]+")
_WORD = re.compile(r"[A-Za-z]{4,}")
_ATOM = r"(?:\d+(?!\d)|[A-Za-z]|\\[A-Za-z]+(?![A-Za-z]))\s*(?:\{[^{}]*\}\s*)*"
_AMBIGUOUS = (
    re.compile(rf"/\s*{_ATOM}[A-Za-z\\(\d]"),  # 1/2x: is the x above or below?
    re.compile(r"(?<![A-Za-z\\])(?:[fghuvyFGHOPET]|\\Theta|\\Omega)\s*\("),  # f(x): a product, or a value of f?
    re.compile(r"\d\s*\\frac\s*\{?\s*\d"),  # 2 1/2: a product, or a mixed fraction?
)


def cleaned(text: str) -> str:
    """An answer in plain LaTeX: no delimiters, spacing or full stop, and `sqrt(2)` as a command."""
    text = _SPACING.sub(" ", text)
    for typed, command in _TYPED.items():
        text = text.replace(typed, command)
    text = _PLAIN.sub(r"\\\1 ", text.replace("**", "^"))
    text = re.sub(r"\\sqrt\s*\(([^()]*)\)", r"\\sqrt{\1}", text)
    return re.sub(r"\\[dt]frac", r"\\frac", text).strip().rstrip(".").strip()


def unnamed(*texts: str) -> tuple[str, ...]:
    """Leave out the name before an equals sign, if all that have a name have the same: `E = m c^2`."""
    named = [_NAME.match(text) for text in texts]
    names = {"".join(found[1].split()) for found in named if found}
    if len(names) != 1:
        return texts
    return tuple(found[2].strip() if found else text for found, text in zip(named, texts, strict=True))


def is_words(text: str) -> bool:
    """Whether a cleaned answer is a name or a phrase: to the grammar it would be a product of its letters."""
    bare = _UPRIGHT.sub(r" \1 ", text).strip()
    return bool(_PHRASE.fullmatch(bare) or _WORD.search(_COMMAND.sub(" ", bare)))


def parsed(text: str) -> Any:
    """What the grammar makes of a cleaned answer, in exact numbers; None if it is ambiguous or no formula."""
    if is_words(text) or any(pattern.search(text) for pattern in _AMBIGUOUS):
        return None
    try:
        found = latex2sympy(text, normalization_config=_NORMALIZATION, conversion_config=_CONVERSION)
        if found in (EmptySet, S.NaN, S.ComplexInfinity):
            return None
        if isinstance(found, Interval) and found.left_open and found.right_open:
            found = Tuple(found.start, found.end)  # (2, 3): an interval or a pair, the same parts decide
        exact = {value: Rational(str(value)) for value in found.atoms(Float)}
        return found.xreplace({**exact, EulerGamma: Symbol("gamma")}).doit()
    except MemoryError:
        raise
    except Exception:  # the grammar raises plain exceptions too; the answer is then no formula to us
        return None

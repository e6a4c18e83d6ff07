"""Whether two short answers in LaTeX are equivalent: equal, different, or undecided; nothing is guessed.

Runs in the worker process only: sympy gets what a model wrote, and may hang or take all memory. Two expressions
are compared at exact points to 30 digits: they are equal if they agree at all points, different if they differ at
all, and undecided in between (`sqrt(x^2)` and `x`, `(-1)^n` and `cos(pi n)`).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

from sympy import Basic, Expr, FiniteSet, I, Interval, MatrixBase, Rational, Symbol, Tuple
from sympy.core.relational import Equality, Relational

from autodata.verifiers.symbolic.formulas import cleaned, is_words, parsed, unnamed

Verdict = Literal["equal", "different", "undecided"]

DIGITS, AGREED = 50, Rational(1, 10**30)
MIN_POINTS = 3


def _values(text: str) -> list[Rational]:
    return [Rational(value) for value in text.split()]


# Values for the symbols: within (0, 1), above 1, of both signs, negative, and whole.
_POINTS = (
    _values("2/7 3/5 5/11 7/9 1/13 8/17 12/19 1/4"),
    _values("9/7 17/5 23/9 31/12 13/11 29/8 7/3 19/6"),
    _values("-3/5 7/4 -11/9 2/7 -13/5 5/3 -1/8 9/2"),
    _values("-5/7 -8/3 -1/9 -11/6 -3/10 -13/4 -7/12 -16/7"),
    _values("3 5 8 4 7 2 9 6"),
)
_BARE_LOG = re.compile(r"\\log(?![_A-Za-z])")


def compare(reference: str, answer: str) -> Verdict:
    """Whether an answer is equivalent to the reference."""
    pair = unnamed(cleaned(reference), cleaned(answer))
    if "".join(pair[0].split()) == "".join(pair[1].split()):
        return "equal"
    if any(is_words(text) for text in pair):
        return "equal" if _folded(pair[0]) == _folded(pair[1]) else "undecided"
    if not any(_BARE_LOG.search(text) for text in pair):
        return _compared(*pair)
    # To some writers `log` is natural, to others decadic; what does not depend on that is decided.
    found = {_compared(*(_BARE_LOG.sub(log, text) for text in pair)) for log in (r"\\ln ", r"\\log_{10} ")}
    return found.pop() if len(found) == 1 else "undecided"


def is_integer(text: str) -> bool:
    """Whether an answer comes down to a single integer, however it is written."""
    (text,) = unnamed(cleaned(text))
    value = parsed(text)
    if not isinstance(value, Expr) or value.free_symbols:
        return False
    number = _number(value)
    return number is not None and bool(abs(number - round(number)) <= AGREED)


def _compared(reference: str, answer: str) -> Verdict:
    expected, given = parsed(reference), parsed(answer)
    return "undecided" if expected is None or given is None else _same(expected, given)


def _folded(text: str) -> str:
    """A phrase's words alone."""
    return " ".join(re.findall(r"[^\W_]+", re.sub(r"\\[a-z]+\s*\{", " ", text).casefold()))


def _same(expected: Any, given: Any) -> Verdict:
    """Compare by kind: expressions at points, everything else part by part."""
    if expected == given:
        return "equal"
    match expected, given:
        case Expr(), Expr():
            return _same_value(expected, given)
        case Relational(), Relational():
            return _same_relation(expected, given)
        case MatrixBase(), MatrixBase():
            return _all_same(expected.flat(), given.flat()) if expected.shape == given.shape else "different"
        case Tuple(), Tuple():
            return _all_same(expected.args, given.args)
        case Interval(), Interval():
            if (expected.left_open, expected.right_open) != (given.left_open, given.right_open):
                return "different"
            return _all_same([expected.start, expected.end], [given.start, given.end])
        case FiniteSet() | Expr(), FiniteSet() | Expr():
            sets = [value if isinstance(value, FiniteSet) else FiniteSet(value) for value in (expected, given)]
            return _same_elements(sets[0].args, sets[1].args)
    return "undecided"


def _all_same(expected: Sequence[Any], given: Sequence[Any]) -> Verdict:
    """Whether two sequences agree in every place."""
    if len(expected) != len(given):
        return "different"
    found = {_same(one, other) for one, other in zip(expected, given, strict=True)}
    if "different" in found:
        return "different"
    return "undecided" if "undecided" in found else "equal"


def _same_elements(expected: Sequence[Any], given: Sequence[Any]) -> Verdict:
    """Whether two sets have the same elements, in any order."""
    table = [[_same(one, other) for other in given] for one in expected]
    if any("undecided" in row for row in table):
        return "undecided"
    columns = list(zip(*table, strict=True))
    return "equal" if all("equal" in line for line in [*table, *columns]) else "different"


def _same_relation(expected: Relational, given: Relational) -> Verdict:
    """Equal if one is a multiple of the other, by a positive number where the sides have an order."""
    if type(given) is not type(expected) and type(given) is type(expected.reversed):
        given = given.reversed
    if type(given) is not type(expected):
        return "undecided"
    sides = expected.lhs - expected.rhs, given.lhs - given.rhs
    ratios = [other / one for one, other in _evaluated(*sides) if one]
    if len(ratios) < MIN_POINTS or any(abs(ratio - ratios[0]) > AGREED * abs(ratios[0]) for ratio in ratios):
        return "undecided"
    ordered = not isinstance(expected, Equality)
    return "equal" if ratios[0] and (ratios[0].is_positive or not ordered) else "undecided"


def _same_value(expected: Expr, given: Expr) -> Verdict:
    """Compare two expressions at all points where both have a value."""
    names, others = expected.free_symbols, given.free_symbols
    if names != others:
        return _same_but_for(names ^ others, expected, given) if names < others or others < names else "undecided"
    agreed = [abs(one - other) <= AGREED * max(abs(one), abs(other)) for one, other in _evaluated(expected, given)]
    if len(agreed) < (MIN_POINTS if names else 1) or any(agreed) != all(agreed):
        return "undecided"
    return "equal" if agreed[0] else "different"


def _same_but_for(lacking: Iterable[Basic], expected: Expr, given: Expr) -> Verdict:
    """Different if it is not for the symbols that one side lacks: those may be a unit, or the imaginary one."""
    if any(str(name) == "i" for name in lacking):
        return "undecided"
    bare = [value.subs(dict.fromkeys(lacking, 1)) for value in (expected, given)]
    return "different" if _same(bare[0], bare[1]) == "different" else "undecided"


def _evaluated(one: Expr, other: Expr) -> list[tuple[Any, Any]]:
    """The values of two expressions at each point where both have one.

    Complex values count only if no point gives real ones, or if the imaginary unit is meant: `2 ln x` is `ln x^2`
    wherever a writer would use it.
    """
    names = one.free_symbols | other.free_symbols
    values = [(_number(one, point), _number(other, point)) for point in _points(names)]
    known = [pair for pair in values if None not in pair]
    real = [pair for pair in known if pair[0].is_real and pair[1].is_real]
    return known if any(str(name) == "i" for name in names) else real or known


def _points(symbols: Iterable[Basic]) -> Iterator[dict[Basic, Expr]]:
    """The points to compare at; a symbol `i` is also tried as the imaginary unit."""
    names = sorted(symbols, key=str)
    if not names:
        yield {}
    elif len(names) <= len(_POINTS[0]):
        imaginary = {name: I for name in names if isinstance(name, Symbol) and name.name == "i"}
        for values in _POINTS:
            point = dict(zip(names, values, strict=False))
            yield point
            if imaginary:
                yield {**point, **imaginary}


def _number(expression: Expr, point: dict[Basic, Expr] | None = None) -> Any:
    """An expression's value at a point to many digits; None if it has none there."""
    try:
        value = expression.subs(point or {}).evalf(DIGITS, maxn=4 * DIGITS)
    except (ArithmeticError, AttributeError, NotImplementedError, TypeError, ValueError):
        return None  # a pole, a sum that diverges, a function that sympy does not know
    return value if value.is_number and value.is_finite and not value.free_symbols else None

"""Two answers are equal, different, or undecided: a table of pairs, and what holds for all polynomials."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autodata.verifiers.symbolic.equivalence import compare, is_integer
from autodata.verifiers.symbolic.formulas import cleaned, is_words, parsed

EQUAL = [
    (r"\frac{n(n+1)}{2}", r"\frac{n^2+n}{2}"),
    (r"\frac{1}{2}", r"0.5"),
    (r"\frac12", r"\dfrac{2}{4}"),
    (r"\sin 2x", r"2\sin x\cos x"),
    (r"1-\cos^2 x", r"\sin^2 x"),
    (r"\ln 2 + \ln 3", r"\ln 6"),
    (r"e^{x+y}", r"e^x e^y"),
    (r"\frac{1}{\sqrt{2}}", r"\frac{\sqrt{2}}{2}"),
    (r"\sqrt{3+2\sqrt{2}}", r"1+\sqrt{2}"),
    (r"2^{n}-1", r"2^n - 1"),
    (r"x^2-1", r"(x-1)(x+1)"),
    (r"E = \frac{1}{2}mv^2", r"\frac{m v^2}{2}"),
    (r"\frac{m v^2}{2}", r"\frac{1}{2}mv^2"),
    (r"\pm\sqrt{2}", r"\{-\sqrt{2},\sqrt{2}\}"),
    (r"\{1,2\}", r"2, 1"),
    (r"(2,3)", r"(2, 3)"),
    (r"(1+1,3)", r"(2,3)"),
    (r"\begin{pmatrix}1&0\\0&1\end{pmatrix}", r"\begin{bmatrix}1&0\\0&1\end{bmatrix}"),
    (r"x<3", r"3>x"),
    (r"x^2+y^2=1", r"2x^2+2y^2=2"),
    (r"k_B T \ln 2", r"T k_{B} \ln(2)"),
    (r"\sqrt{x}", r"x^{1/2}"),
    (r"\frac{a}{b}", r"a b^{-1}"),
    (r"\text{Klein bottle}", r"Klein bottle"),
    (r"Klein bottle", r"klein bottle."),
    (r"\binom{n}{2}", r"\frac{n(n-1)}{2}"),
    (r"n!", r"n\cdot(n-1)!"),
    (r"\sinh x", r"\frac{e^x-e^{-x}}{2}"),
    (r"2\log n", r"2 \log(n)"),
    (r"\frac{\pi}{4}", r"\arctan 1"),
    (r"\frac{\pi}{4}", r"π/4"),
    (r"\sqrt{2}/2", r"sqrt(2)/2"),
    (r"[0,1)", r"[0,1)"),
    (r"[0,2)", r"[0,1+1)"),
    (r"2\ln x", r"\ln x^2"),
    (r"\ln(1+\frac{b}{a})", r"\ln(a+b)-\ln a"),
    (r"mgh", r"m g h"),
    (r"\sum_{k=1}^{n} k", r"\frac{n(n+1)}{2}"),
    (r"\int_0^x t\,dt", r"\frac{x^2}{2}"),
    (r"\frac{1}{1-x}", r"\sum_{k=0}^{\infty} x^k"),
    (r"3-4i", r"3-4i"),
    (r"v(t)=v_0 e^{-t/\tau}", r"v_0 \exp(-t/\tau)"),
    (r"|x|", r"\sqrt{x^2}"),
]
DIFFERENT = [
    (r"\frac{1}{3}", r"0.3333"),
    (r"\frac{n(n+1)}{2}", r"\frac{n(n-1)}{2}"),
    (r"\frac{\pi}{4}", r"\frac{\pi}{3}"),
    (r"e^{-50}", r"2e^{-50}"),
    (r"10^{-20}", r"2\cdot 10^{-20}"),
    (r"\frac{1}{3}", r"\frac{1}{4}"),
    (r"\{1,2\}", r"\{1,3\}"),
    (r"\{1,2\}", r"\{1,2,3\}"),
    (r"(2,3)", r"(3,2)"),
    (r"[0,1)", r"[0,1]"),
    (r"\begin{pmatrix}1&0\\0&1\end{pmatrix}", r"\begin{pmatrix}1&0\\1&1\end{pmatrix}"),
    (r"x^2", r"x^3"),
    (r"\frac{n}{2}", r"\frac{1}{3}"),
    (r"e^{\pi\sqrt{163}}", r"640320^3+744"),
    (r"\sqrt{2}", r"1.41421356"),
    (r"\frac{1}{2}mv^2", r"mv^2"),
    (r"-\frac{1}{2}", r"\frac{1}{2}"),
    (r"\pm\sqrt{2}", r"\sqrt{2}"),
]
UNDECIDED = [
    (r"\gamma m c^2", r"\frac{mc^2}{\sqrt{1-v^2/c^2}}"),
    (r"T^2", r"t^2"),
    (r"m_1 g", r"m_1"),
    (r"\frac{n}{2}", r"\frac{1}{2}"),
    (r"x", r"\sqrt{x^2}"),
    (r"(-1)^n", r"\cos(\pi n)"),
    (r"\ln 2", r"\log 2"),
    (r"\mathbb{Z}/2\mathbb{Z}", r"C_2"),
    (r"Klein bottle", r"a non-orientable closed surface"),
    (r"2f(x)", r"f(2x)"),
    (r"\frac{1}{2}x", r"1/2x"),
    (r"O(n^2)", r"O(2n^2)"),
    (r"\Theta(n\log n)", r"\Theta(n\log_2 n)"),
    (r"AUG", r"GUA"),
    (r"a", r"b"),
    (r"x^2+y^2=1", r"x^2+y^2=2"),
    (r"i", r"\sqrt{-1}"),
    (r"\frac{\hbar\omega}{2}", r"\frac{h\omega}{4\pi}"),
    (r"\text{SO}(3)", r"\text{SU}(2)"),
    (r"\frac{5}{2}", r"2\frac{1}{2}"),
    (r"2x", r"2x where x>0"),
    (r"\frac{1}{2}", r"one half"),
    (r"\frac{1}{2}", r""),
    (r"x^2", r"x^{"),
    (r"5\,\text{m}", r"5"),
    (r"\frac{25}{3+4i}", r"3-4i"),
    (r"x = 5/2", r"y = 5/2"),
]


def ids(pairs: list[tuple[str, str]]) -> list[str]:
    return [" | ".join(pair).encode("ascii", "replace").decode() for pair in pairs]


@pytest.mark.parametrize(("reference", "answer"), EQUAL, ids=ids(EQUAL))
def test_equal(reference: str, answer: str) -> None:
    assert compare(reference, answer) == "equal"


@pytest.mark.parametrize(("reference", "answer"), DIFFERENT, ids=ids(DIFFERENT))
def test_different(reference: str, answer: str) -> None:
    assert compare(reference, answer) == "different"


@pytest.mark.parametrize(("reference", "answer"), UNDECIDED, ids=ids(UNDECIDED))
def test_undecided(reference: str, answer: str) -> None:
    assert compare(reference, answer) == "undecided"


COEFFICIENTS = st.lists(st.fractions(-9, 9, max_denominator=7), min_size=2, max_size=4)


def written(value: Fraction) -> str:
    return rf"\left({value.numerator}\right)\cdot\frac{{1}}{{{value.denominator}}}"


def expanded(coefficients: list[Fraction]) -> str:
    return " + ".join(rf"{written(value)} x^{{{power}}}" for power, value in enumerate(coefficients))


def horner(coefficients: list[Fraction]) -> str:
    text = written(coefficients[-1])
    for value in reversed(coefficients[:-1]):
        text = rf"\left({text}\right) x + {written(value)}"
    return text


@settings(max_examples=4, deadline=None)
@given(COEFFICIENTS, st.fractions(-3, 3, max_denominator=5).filter(bool))
def test_a_polynomial_equals_its_other_forms_and_no_other_polynomial(
    coefficients: list[Fraction], more: Fraction
) -> None:
    one, other = expanded(coefficients), horner(coefficients)
    assert compare(one, other) == compare(other, one) == "equal"
    changed = expanded([coefficients[0] + more, *coefficients[1:]])
    assert compare(one, changed) == compare(changed, one) == "different"


@pytest.mark.parametrize(
    "text", ["12", "$-3$", "1,000", r"\frac{4}{2}", r"\sqrt{16}", "2^{3}", "3!", "x = 5", r"\binom{5}{2}"]
)
def test_an_integer_is_seen_however_it_is_written(text: str) -> None:
    assert is_integer(text)


@pytest.mark.parametrize(
    "text", [r"\frac{1}{2}", r"\sqrt{2}", r"\pi", "n", "n + 1", r"\{1, 2\}", "Klein bottle", "(", ""]
)
def test_what_is_no_integer(text: str) -> None:
    assert not is_integer(text)


def test_upper_and_lower_case_are_different_symbols_and_units_stay() -> None:
    assert {str(symbol) for symbol in parsed("T t m_1 g").free_symbols} == {"T", "t", "m_1", "g"}


def test_words_are_no_products_of_letters() -> None:
    assert all(
        is_words(cleaned(text)) for text in ("Klein bottle", r"\text{Klein bottle}", "AUG", "2x where x is real")
    )
    assert not any(
        is_words(cleaned(text))
        for text in ("m g h + 1", r"\frac{1}{2} k x^2", "sqrt(2)", r"\begin{pmatrix}1\end{pmatrix}")
    )

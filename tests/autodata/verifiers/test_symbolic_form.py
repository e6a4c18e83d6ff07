"""The form of short exact answers, as far as a look at the text tells."""

from autodata.verifiers.symbolic.form import answer_problems, final_answer, has_symbols, question_problems


def test_one_ask_may_have_conditions() -> None:
    for question in ("For f(a) = (n - 2) and a given b, what is E?", "What is E as x grows and k is held fixed?"):
        assert question_problems(question) == []
    assert answer_problems(r"\{(1, 2), (2, 3)\}") == []


def test_the_final_answer_is_the_last_that_is_marked() -> None:
    assert final_answer(r"\boxed{a} then \boxed{\frac{1}{b}} end") == r"\frac{1}{b}"
    assert final_answer("Final answer: a\nFinal answer: **b**") == "b"
    assert final_answer("no mark") is None and final_answer(r"\boxed{\frac{1}{2}") is None


def test_a_number_has_no_symbols_however_it_is_written() -> None:
    assert not any(has_symbols(text) for text in ("42", r"x = \sqrt{16}", r"\frac{4}{2}", r"2\pi"))
    assert all(has_symbols(text) for text in ("n", r"\frac{n}{2}", "Klein bottle", "e^{2}"))

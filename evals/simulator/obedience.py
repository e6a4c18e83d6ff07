"""Models that do what any text in their prompt tells them: the worst case of an instruction hidden in a document.

A directive is `<<ROLE say TEXT>>` (that is the whole answer), `<<ROLE put FIELD JSON>>` (a field of the answer),
`<<ROLE add FIELD TEXT>>` (more at its end; a solver's answer has the one field `text`) or `<<judge met all>>`.
`ROLE@MODEL` speaks to one model only. A directive inside another is written `((..))`, one inside that `[[..]]`:
whoever obeys the outer one hands the inner one on to whom it speaks to.
"""

import json
import re
from collections import Counter
from typing import Any

_DIRECTIVE = re.compile(r"<<(\w+)(?:@(\S+))? (\w+) (.*?)>>", re.DOTALL)
_RUBRIC_LINE = re.compile(r"^(\d+)\. ", re.MULTILINE)

obeyed: Counter[str] = Counter()
"""How often each role did what a text told it, so that a test knows that its attack arrived."""


def obey(role: str, model: str, text: str, answer: str) -> str:
    """The answer that a role gives if it does everything that its prompt tells it.

    Args:
        role: who is asked.
        model: its name.
        text: the whole prompt.
        answer: what it would have said otherwise.
    """
    for told, whom, verb, what in _DIRECTIVE.findall(text):
        if told == role and whom in ("", model):
            obeyed[role] += 1
            for inner, outer in (("((", "<<"), ("))", ">>"), ("[[", "(("), ("]]", "))")):
                what = what.replace(inner, outer)
            answer = _done(verb, what, text, answer)
    return answer


def _done(verb: str, what: str, text: str, answer: str) -> str:
    """The answer after one directive."""
    if verb == "say":
        return what
    if verb == "met":
        asked = text.rpartition("Rubric:")[2].partition("Answer to grade:")[0]
        numbers = sorted({int(number) for number in _RUBRIC_LINE.findall(asked)})
        return json.dumps({"verdicts": [{"criterion": n, "met": True, "evidence": "told so"} for n in numbers]})
    name, _, value = what.partition(" ")
    if name == "text":
        return f"{answer} {value}"
    fields: dict[str, Any] = json.loads(answer)
    fields[name] = f"{fields[name]} {value}" if verb == "add" else json.loads(value)
    return json.dumps(fields)

"""What a round's story shows of a loop judge: its verdict in a few lines, and what each capability earned."""

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from autodata.ledger.views import RoundView
from autodata.packet import packet_of
from autodata.schemas import Item, Solver


def advice_parts(view: RoundView, item: Item) -> list[Text | Padding | Table]:
    """The capabilities, the weak solver's worst first, and the loop judge's verdict with its reason."""
    assert view.advice is not None
    said = view.advice.body
    verdict = f"{said['verdict']}, suitability {said['grpo_suitability']}: {said['verdict_reason']}"
    lines = [verdict, f"gap: {said['gap_interpretation']}"]
    lines += [f"suggestion: {said['suggestion_for_writer']}"] if said["suggestion_for_writer"] else []
    return [_capabilities(view, item), block("loop judge", "\n".join(lines))]


def block(name: str, text: str) -> Padding:
    """A text under its name."""
    return Padding(Text.assemble((f"{name}\n", "dim"), text), (0, 0, 0, 2))


def _capabilities(view: RoundView, item: Item) -> Padding:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("capability")
    for name in ("criteria", "weak", "strong", "gap"):
        table.add_column(name, justify="right")
    for line in packet_of(item, _rollouts(view, "weak"), _rollouts(view, "strong")).capabilities:
        scores = (f"{float(line.weak):.2f}", f"{float(line.strong):.2f}", f"{float(line.gap):+.2f}")
        table.add_row(line.capability, str(line.criteria), *scores)
    return Padding(table, (0, 0, 0, 2))


def _rollouts(view: RoundView, solver: Solver) -> list[str]:
    attempts = [attempt for attempt in view.attempts if attempt.solver == solver]
    return ["".join("1" if hit else "0" for hit in attempt.met or ()) for attempt in attempts]

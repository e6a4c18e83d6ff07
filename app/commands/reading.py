"""Commands that read what a run has made."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli import Json, RunDir, app


@app.command()
def show(
    run: RunDir,
    item: Annotated[str | None, typer.Argument(help="An item, document or file: its whole story.")] = None,
    json: Json = False,
) -> None:
    """Show what a run made: its items, or one item's whole story."""
    from app.show import show_command

    show_command(run, item, as_json=json)


@app.command()
def status(
    run: RunDir,
    types: Annotated[bool, typer.Option("--types", help="Show how each question type did.")] = False,
    json: Json = False,
) -> None:
    """Show how a run stands, also while it is going on."""
    from app.status import status_command, types_command

    (types_command if types else status_command)(run, as_json=json)


@app.command()
def traces(
    run: RunDir,
    document: Annotated[str | None, typer.Option(help="A document's id or title: its whole tree.")] = None,
    json: Json = False,
) -> None:
    """Show the traces of a run that was started with --trace."""
    from app.traces import traces_command

    traces_command(run, document, as_json=json)


@app.command()
def compare(
    runs: Annotated[list[Path], typer.Argument(help="Run directories; the first is the baseline.")],
    json: Json = False,
) -> None:
    """Compare runs figure by figure, with intervals."""
    from app.compare import compare_command

    compare_command(runs, json_wanted=json)


@app.command()
def whatif(
    run: RunDir,
    policy: Annotated[str | None, typer.Option(help="Another policy.")] = None,
    set: Annotated[list[str] | None, typer.Option(help="A limit, such as strong_min=0.7.")] = None,
    sweep: Annotated[str | None, typer.Option(help="A limit's range, such as weak_max=0.3:0.7:0.05.")] = None,
    json: Json = False,
) -> None:
    """Recompute a run under other thresholds; no call is asked."""
    from app.whatif import whatif_command

    whatif_command(run, policy, set or [], sweep, as_json=json)


@app.command()
def upgrade(
    run: Annotated[Path, typer.Argument(help="A run directory, or a ledger's file.")], json: Json = False
) -> None:
    """Take a ledger that an earlier autodata wrote to this version; a file is copied before."""
    from app.upgrade import upgrade_command

    upgrade_command(run, as_json=json)

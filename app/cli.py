"""The command line's frame: the application that commands join, and the arguments that they share."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="autodata",
    help="Agentic Self-Instruct: documents in, hard-but-solvable questions out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Documents = Annotated[list[Path], typer.Argument(help="Files, folders or globs to make questions from.")]
Config = Annotated[Path | None, typer.Option(help="A TOML file with models, policy and limits.")]
RunDir = Annotated[Path, typer.Argument(help="A run directory.")]
Domains = Annotated[Path | None, typer.Option(help="A folder of further domains, each a folder in it.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for a script.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")]

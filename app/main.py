"""The command line: what a person types, and the exit status that a script reads."""

import sys

from app.cli import app
from app.commands import making, reading, setup
from autodata.errors import AutodataError

COMMANDS = (making, reading, setup)
"""The modules whose commands have joined the application, in the order in which `--help` lists them."""


def main() -> None:
    """Run the command line; a mistake of the user prints one sentence and no traceback."""
    try:
        app()
    except AutodataError as problem:
        print(f"autodata: {problem}", file=sys.stderr)
        sys.exit(problem.exit_status)

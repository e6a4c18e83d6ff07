"""`autodata demo`: the main job on the example documents with the embedded models, no key and no account."""

from pathlib import Path

import examples
from app.run import Asked, run_command


def demo_command(out: Path, most: int, quiet: bool, as_json: bool) -> int:
    """Run the examples; gives the exit status."""
    folder = Path(next(iter(examples.__path__))) / "documents"
    return run_command(Asked(documents=[folder], out=out, most_documents=most), quiet=quiet, as_json=as_json)

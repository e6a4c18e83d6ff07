"""The process that reads what may go wrong: a path a line comes in, a reading or a reason a line goes out.

Started by `autodata.documents.apart` as `python -m autodata.documents.worker SECONDS`. The operating system ends
it when a file takes too much time or memory, whatever the parser is doing.
"""

import contextlib
import importlib
import json
import resource
import signal
import sys
from collections.abc import Callable

from autodata.documents.formats import FORMATS, Reading, Unreadable, suffix_of

READ_MEMORY = 2_000_000_000
"""Bytes of address space that the process may take."""
TEXT_CHARS = 20_000_000
"""The longest text that a file may give."""


def main() -> None:
    """Read file after file until standard input ends."""
    seconds = float(sys.argv[1])
    with contextlib.suppress(ValueError, OSError):  # macOS has no such limit
        resource.setrlimit(resource.RLIMIT_AS, (READ_MEMORY, READ_MEMORY))
    answers, sys.stdout = sys.stdout, sys.stderr  # whatever a library prints is no answer
    for line in sys.stdin:
        signal.setitimer(signal.ITIMER_PROF, seconds)  # its signal ends the process if nobody handles it
        answer = _answer(json.loads(line))
        signal.setitimer(signal.ITIMER_PROF, 0)
        print(json.dumps(answer), file=answers, flush=True)


def _answer(path: str) -> dict[str, str]:
    """A file's title and text, or under `unreadable` why it has none."""
    try:
        found = reader_of(path)(path)
    except Unreadable as reason:
        return {"unreadable": str(reason)}
    except OSError as problem:
        return {"unreadable": f"cannot be read: {problem.strerror or problem}"}
    except MemoryError:
        return {"unreadable": f"needs more memory than READ_MEMORY ({READ_MEMORY:,} bytes)"}
    except Exception as problem:  # each parser has its own errors; what they all mean is said to the person
        return {"unreadable": f"broken: {type(problem).__name__}: {problem}"[:200]}
    if len(found.text) > TEXT_CHARS:
        return {
            "unreadable": f"holds more text than TEXT_CHARS ({len(found.text):,} of {TEXT_CHARS:,} characters)"
        }
    return {"title": found.title, "text": found.text}


def reader_of(path: str) -> Callable[[str], Reading]:
    """The function that reads a file's format; its libraries are imported with the first such file."""
    read: Callable[[str], Reading] = importlib.import_module(FORMATS[suffix_of(path)].module).read
    return read


if __name__ == "__main__":
    main()

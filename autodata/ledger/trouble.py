"""What a database's trouble means to a person: one sentence with the mend, and no password."""

from collections.abc import Mapping

from sqlalchemy.exc import SQLAlchemyError

from autodata.errors import LedgerError

# By what SQLite and PostgreSQL say.
_MENDS: Mapping[str, str] = {
    "disk is full": "free some space and start again",
    "No space left": "free some space and start again",
    "disk I/O error": "see that the disk has space and works, then start again",
    "readonly database": "make the file and its folder writable, or choose another --out",
    "unable to open database": "make the file and its folder readable and writable, or choose another --out",
    "database is locked": "another program holds it: end that and start again",
    "not a database": "it is kept as it is; restore it from a copy, or choose another --out",
    "malformed": "it is kept as it is; restore it from a copy or recover it with `sqlite3 FILE .recover`",
    "connection": "see that the database server runs and start again",
    "password": "check the user, and the password in DATABASE_URL or PGPASSWORD",
    "does not exist": "check the URL in `ledger` or DATABASE_URL",
}


def ledger_error(where: str, problem: Exception) -> LedgerError:
    """The error that a person sees; what was committed before it is intact."""
    said = _first_line(problem)
    mend = next((mend for sign, mend in _MENDS.items() if sign in said), "what was recorded before is intact")
    return LedgerError(f"{where}: {said}; {mend}")


def _first_line(problem: Exception) -> str:
    original = problem.orig if isinstance(problem, SQLAlchemyError) and hasattr(problem, "orig") else problem
    lines = str(original).strip().splitlines()
    return lines[0].rstrip(".;") if lines else type(original).__name__

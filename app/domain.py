"""`autodata domain`: begins a domain of one's own, and says what is wrong with one."""

import asyncio
import re
import shutil
from pathlib import Path

from app.console import PlainConsole
from app.preview import filled
from autodata.documents.reading import Reader, Unreadable
from autodata.documents.sources import each_document, find_sources
from autodata.domains import FORMS, domain_problems
from autodata.errors import UsageError
from autodata.prompting import load_domain
from autodata.schemas import Document
from autodata.settings import configure

EXAMPLES = Path(__file__).parent.parent / "examples"
SKELETON, EXAMPLE_DOCUMENT = EXAMPLES / "domain", EXAMPLES / "documents" / "03-cloud-bill.md"

_NAME = re.compile(r"[a-z][a-z0-9_]*")


def new_command(name: str, domains: Path) -> None:
    """Write the skeleton; UsageError if there is something of that name."""
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} is no name for a domain; use lower-case letters, digits and `_`")
    home = domains / name
    if home.exists():
        raise UsageError(f"{home} is already there; choose another name, or another folder with --domains")
    try:
        shutil.copytree(SKELETON, home)
    except OSError as problem:
        raise UsageError(f"{home} cannot be written: {problem.strerror}; choose another --domains") from None
    console = PlainConsole()
    console.print(f"Wrote {home}/: domain.toml and a prompt for each role, with comments.", soft_wrap=True)
    console.print(f"Next: autodata domain check {name} --domains {domains}", style="dim", soft_wrap=True)


def check_command(name: str, domains: Path | None, role: str | None, file: Path | None) -> None:
    """Print each role's prompt, filled; UsageError with a sentence a problem if something is wrong."""
    given = {"domain": name, "domains": domains and str(domains)}
    settings = configure(None, {key: value for key, value in given.items() if value}).settings
    domain = load_domain(settings.domain, settings.domains)
    problems = domain_problems(domain, settings)
    if problems:
        raise UsageError("\n".join(problems))
    if role is not None and role not in domain.prompts:
        raise UsageError(f"domain `{name}` has no role {role!r}; it has: {', '.join(domain.prompts)}")
    shown = [role] if role else sorted(domain.prompts, key=[*FORMS, *domain.prompts].index)
    example = _document(file)
    for each in shown:
        purpose = f": {FORMS[each].purpose}" if each in FORMS else ""
        print(f"===== {each}.md{purpose}")
        for heading, text in filled(domain, settings, each, example):
            print(f"\n[{heading}]\n{text}")
        print()
    checks = ", ".join(domain.file.checks) or "none"
    where = f" --domains {domains}" if domains else ""
    print(f"{name} is complete: {len(domain.prompts)} prompts, policy {settings.policy}, checks {checks}.")
    print(f"Run it: autodata run DOCUMENTS --out DIR --domain {name}{where}")


def _document(file: Path | None) -> Document:
    """The document to fill prompts with; UsageError if it cannot be read."""
    path = file or EXAMPLE_DOCUMENT
    if not path.is_file():
        raise UsageError(f"no file {path}; check the path given to --document")
    try:
        return asyncio.run(_read(path))
    except Unreadable as reason:
        raise UsageError(f"{path} cannot be used: {reason}") from None


async def _read(path: Path) -> Document:
    reader = Reader(path.stat().st_size)
    try:
        return await reader.read(next(each_document(find_sources([path]))))
    finally:
        await reader.close()

"""What there is to choose from: configuration, policies, domains, and the graph itself."""

import json
from pathlib import Path
from typing import Any

from rich.table import Table

from app.console import PlainConsole
from autodata.acceptance import POLICIES
from autodata.prompting import domain_homes, load_domain
from autodata.settings import configure

_console = PlainConsole()


def config_command(file: Path | None, domain: str | None, domains: Path | None, as_json: bool) -> None:
    """Print every setting, its value and where it came from."""
    given = {"domain": domain, "domains": domains and str(domains)}
    configured = configure(file, {key: value for key, value in given.items() if value})
    rows = list(_flat(configured.settings.model_dump()))
    if as_json:
        found = {key: {"value": value, "from": configured.origins.get(key, "default")} for key, value in rows}
        print(json.dumps(found, indent=2))
        return
    table = _table("key", "value", "from")
    for key, value in rows:
        table.add_row(key, json.dumps(value), configured.origins.get(key, "default"))
    _console.print(table)


def policies_command(as_json: bool) -> None:
    """Print the acceptance policies."""
    if as_json:
        print(json.dumps({policy.name: _policy(policy) for policy in POLICIES.values()}, indent=2))
        return
    table = _table("policy", "weak", "strong", "attempts", "for", "source")
    for policy in POLICIES.values():
        row = _policy(policy)
        table.add_row(*(str(row[key]) for key in ("name", "weak", "strong", "attempts", "use", "source")))
    _console.print(table)


def domains_command(domains: Path | None, as_json: bool) -> None:
    """Print the domains: the built-in ones, and those in a folder of one's own."""
    found = {name: load_domain(name, domains) for name in domain_homes(domains)}
    if as_json:
        print(json.dumps({name: domain.file.model_dump(mode="json") for name, domain in found.items()}, indent=2))
        return
    table = _table("domain", "what it makes", "policy", "verifier", "roles")
    for name, domain in found.items():
        roles = ", ".join(prompt for prompt in domain.prompts if prompt != "feedback")
        table.add_row(name, domain.file.title, domain.file.policy or "prose", domain.file.verifier, roles)
    _console.print(table)


def graph_command(domain: str, domains: Path | None) -> None:
    """Print the graph of a domain in Mermaid."""
    from graphs.catalog import graph_of

    print(graph_of(load_domain(domain, domains)).get_graph().draw_mermaid(with_styles=False))


def _policy(policy: Any) -> dict[str, Any]:
    return {
        "name": policy.name,
        "weak": " and ".join(map(str, policy.weak)),
        "strong": " and ".join(map(str, policy.strong)),
        "attempts": f"{policy.weak_attempts} + {policy.strong_attempts}",
        "use": policy.use,
        "source": policy.source,
    }


def _flat(tree: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """Nested tables as dotted keys; an empty table is a value."""
    rows: list[tuple[str, Any]] = []
    for key, value in tree.items():
        rows += _flat(value, f"{prefix}{key}.") if isinstance(value, dict) and value else [(prefix + key, value)]
    return rows


def _table(*columns: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table

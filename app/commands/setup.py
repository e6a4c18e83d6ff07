"""Commands that show and check what a run is made with: configuration, policies, domains, models."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli import Config, Domains, Json, app


@app.command()
def config(
    config: Config = None,
    domain: Annotated[str | None, typer.Option()] = None,
    domains: Domains = None,
    json: Json = False,
) -> None:
    """Print the whole effective configuration, and where each value came from."""
    from app.listings import config_command

    config_command(config, domain, domains, as_json=json)


@app.command()
def doctor(config: Config = None, json: Json = False) -> None:
    """Try each role's endpoint with a few small calls, and say what works and what to mend."""
    from app.doctor import doctor_command

    doctor_command(config, json)


@app.command()
def policies(json: Json = False) -> None:
    """List the acceptance policies and their sources."""
    from app.listings import policies_command

    policies_command(as_json=json)


@app.command("domains")
def domains_(domains: Domains = None, json: Json = False) -> None:
    """List the domains."""
    from app.listings import domains_command

    domains_command(domains, as_json=json)


domain_commands = typer.Typer(help="Begin a domain of your own, and check one.", no_args_is_help=True)


app.add_typer(domain_commands, name="domain")


@domain_commands.command("new")
def domain_new(
    name: Annotated[str, typer.Argument(help="The domain's name: lower-case letters, digits and `_`.")],
    domains: Annotated[Path, typer.Option(help="The folder that it is made in.")] = Path("domains"),
) -> None:
    """Write a commented skeleton of a domain, which works as it is."""
    from app.domain import new_command

    new_command(name, domains)


@domain_commands.command("check")
def domain_check(
    name: Annotated[str, typer.Argument(help="The domain.")],
    domains: Domains = None,
    role: Annotated[str | None, typer.Option(help="Show this role's prompt only.")] = None,
    document: Annotated[Path | None, typer.Option(help="A document to fill the prompts with.")] = None,
) -> None:
    """Say what is wrong with a domain, and show each role's prompt as it would be sent."""
    from app.domain import check_command

    check_command(name, domains, role, document)


@app.command()
def graph(
    domain: Annotated[str, typer.Option(help="The domain whose graph is drawn.")] = "numeric",
    domains: Domains = None,
) -> None:
    """Print the loop's graph as a Mermaid picture."""
    from app.listings import graph_command

    graph_command(domain, domains)


@app.command()
def simulate(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 9911,
    latency_ms: Annotated[float, typer.Option(min=0, help="Time that an answer takes.")] = 0.0,
    faults: Annotated[str, typer.Option(help="Such as `rate_limit=0.03,unreadable=0.05`.")] = "",
    seed: Annotated[int, typer.Option(help="The hidden truth's seed.")] = 0,
    key: Annotated[str, typer.Option(help="Refuse every other key.")] = "",
    refuse: Annotated[str, typer.Option(help="Ways of structured answers to refuse: `json_schema,tools`.")] = "",
    obedient: Annotated[bool, typer.Option("--obedient", help="Do what any text in a prompt tells.")] = False,
) -> None:
    """Start a simulated model server with known truth, for tests and benchmarks."""
    from evals.simulator.server import serve

    serve(port, latency_ms / 1000, faults, seed, key, refuse, obedient)

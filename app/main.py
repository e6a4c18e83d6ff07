"""The command line: what a person types, and the exit status that a script reads."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from app import servers
from autodata.errors import AutodataError

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


@app.command()
def run(
    documents: Documents,
    out: Annotated[Path, typer.Option(help="The run directory; given again, the run goes on.")],
    config: Config = None,
    domain: Annotated[str | None, typer.Option(help="The domain; `autodata domains` lists them.")] = None,
    domains: Domains = None,
    policy: Annotated[str | None, typer.Option(help="The policy; `autodata policies` lists them.")] = None,
    target: Annotated[int | None, typer.Option(min=1, help="Stop after this many accepted items.")] = None,
    max_rounds: Annotated[int | None, typer.Option(min=1, help="Rounds a document at most.")] = None,
    max_calls: Annotated[int | None, typer.Option(min=1, help="Model calls at most, in all sessions.")] = None,
    max_tokens: Annotated[int | None, typer.Option(min=1, help="Tokens at most, in all sessions.")] = None,
    max_cost: Annotated[float | None, typer.Option(min=0, help="USD at most, in all sessions.")] = None,
    concurrency: Annotated[int | None, typer.Option(min=1, help="Documents in flight.")] = None,
    seed: Annotated[int | None, typer.Option(help="The run's seed.")] = None,
    like: Annotated[Path | None, typer.Option(help="Estimate from this earlier run's rounds.")] = None,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Make a dataset: questions that the weak model fails and the strong one solves."""
    from app.run import Asked, run_command

    raise typer.Exit(
        run_command(
            Asked(
                documents=documents,
                out=out,
                config=config,
                caps=(max_calls, max_tokens, max_cost),
                target=target,
                like=like,
                overrides={
                    "domain": domain,
                    "domains": domains and str(domains),
                    "policy": policy,
                    "seed": seed,
                    "limits": {"max_rounds": max_rounds, "concurrency": concurrency},
                },
            ),
            quiet=quiet,
            as_json=json,
        )
    )


@app.command()
def estimate(
    documents: Documents,
    config: Config = None,
    domain: Annotated[str | None, typer.Option(help="The domain.")] = None,
    like: Annotated[
        Path | None, typer.Option(help="Measure on this earlier run; else the published means.")
    ] = None,
    json: Json = False,
) -> None:
    """Say what a run would take, before anything is paid: calls, tokens, cost and time."""
    from app.estimate import estimate_command, print_estimate

    print_estimate(estimate_command(documents, {"domain": domain} if domain else {}, config, like), as_json=json)


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="The run directory.")] = Path("runs/demo"),
    documents: Annotated[int, typer.Option(min=1, help="How many of the 24 example reports.")] = 12,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Run the whole loop on the example documents, with real models on this CPU."""
    from app.demo import demo_command

    raise typer.Exit(demo_command(out, documents, quiet=quiet, as_json=json))


@app.command()
def documents(documents: Documents, config: Config = None, json: Json = False) -> None:
    """Show what a run would read: titles, lengths, languages, duplicates and problems."""
    from app.documents import documents_command

    documents_command(documents, config, as_json=json)


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


app.command()(servers.doctor)
app.command()(servers.simulate)


def main() -> None:
    """Run the command line; a mistake of the user prints one sentence and no traceback."""
    try:
        app()
    except AutodataError as problem:
        print(f"autodata: {problem}", file=sys.stderr)
        sys.exit(problem.exit_status)

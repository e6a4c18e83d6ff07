"""Commands that make a dataset, and those that look at what it will be made from."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli import Config, Documents, Domains, Json, Quiet, app


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
    trace: Annotated[bool, typer.Option("--trace", help="Keep traces; to LangSmith too if it has a key.")] = False,
    like: Annotated[Path | None, typer.Option(help="Estimate from this earlier run's rounds.")] = None,
    server: Annotated[str | None, typer.Option(help="A LangGraph server that runs the documents.")] = None,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Make a dataset: questions that the weak model fails and the strong one solves."""
    from app.run import Asked, run_command

    limits = {"max_rounds": max_rounds, "concurrency": concurrency}
    own = {"domain": domain, "domains": domains and str(domains), "policy": policy, "seed": seed, "limits": limits}
    asked = Asked(
        documents=documents,
        out=out,
        config=config,
        caps=(max_calls, max_tokens, max_cost),
        target=target,
        trace=trace,
        like=like,
        server=server,
        overrides=own,
    )
    raise typer.Exit(run_command(asked, quiet=quiet, as_json=json))


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

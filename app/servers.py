"""The commands about model servers: try those of a configuration, or start a simulated one."""

from pathlib import Path
from typing import Annotated

import typer


def doctor(
    config: Annotated[Path | None, typer.Option(help="A TOML file with models, policy and limits.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for a script.")] = False,
) -> None:
    """Try each role's endpoint with a few small calls, and say what works and what to mend."""
    from app.doctor import doctor_command

    doctor_command(config, json)


def simulate(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 9911,
    latency_ms: Annotated[float, typer.Option(min=0, help="Time that an answer takes.")] = 0.0,
    faults: Annotated[str, typer.Option(help="Such as `rate_limit=0.03,unreadable=0.05`.")] = "",
    seed: Annotated[int, typer.Option(help="The hidden truth's seed.")] = 0,
    key: Annotated[str, typer.Option(help="Refuse every other key.")] = "",
    refuse: Annotated[str, typer.Option(help="Ways of structured answers to refuse: `json_schema,tools`.")] = "",
) -> None:
    """Start a simulated model server with known truth, for tests and benchmarks."""
    from evals.simulator.server import serve

    serve(port=port, latency_s=latency_ms / 1000, faults=faults, seed=seed, key=key, refuse=refuse)

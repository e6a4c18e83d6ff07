"""Lets other processes see how a session goes: what is in flight, written into the ledger now and then."""

import asyncio
import time
from typing import Any

from autodata.ledger.facts import SESSION, write_fact
from autodata.ledger.lock import me
from graphs.driver import Campaign

EVERY_S = 2.0


async def pulse(campaign: Campaign) -> None:
    """Write how the session goes, until cancelled."""
    ledger, who, begun = campaign.resources.ledger, me(), time.time()
    while True:
        await asyncio.sleep(EVERY_S)
        now = {"who": who, "begun": begun, "at": time.time(), **_in_flight(campaign)}
        await ledger.read(lambda connection, now=now: write_fact(connection, ledger.run, SESSION, now))  # type: ignore[misc]


def _in_flight(campaign: Campaign) -> dict[str, Any]:
    """Documents, and calls by endpoint."""
    endpoints = {line.endpoint.name: line.endpoint for line in campaign.resources.gateway.lines.values()}
    calls = {name: endpoint.in_flight for name, endpoint in endpoints.items()}
    return {"documents_in_flight": campaign.tally.in_flight, "calls_in_flight": calls}

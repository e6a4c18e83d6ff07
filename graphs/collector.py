"""Keeps the garbage collector from walking all modules again and again while calls are in flight."""

import gc


def calm_collector() -> None:
    """Freeze what is loaded, and look for garbage less often; worth up to half of the time of a large run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)

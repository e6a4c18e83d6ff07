"""A simulated OpenAI-compatible model server with known truth, for tests and benchmarks.

- `truth.py`: items have a hidden difficulty and solvers an ability (item response theory); all is drawn from
  hashes, so that the same request with the same seed always gets the same answer.
- `roles.py`: what the challenger, quality verifier, solvers, judge and orchestrator answer; the challenger's
  items come nearer to the acceptance region the more feedback it is shown.
- `legal.py`: the same for the legal extractor, writer and loop judge; the first items are too hard
  and follow the packet from then on. A loop judge of the name `sim-accepts` accepts everything.
- `code.py`: programming tasks from a family whose right and wrong programs are known, some of them flawed.
- `feedback.py`: how the challenger's difficulty follows its feedback.
- `faults.py`: rate limits, server errors, hangs, unreadable, truncated and reasoning-only answers, slow start.
- `prefix.py`: how much of a prompt a provider's prefix cache would hold.
- `obedience.py`: models that do what any text in their prompt tells them, for `--obedient`.
- `server.py`: the HTTP server, in a process of its own: `autodata simulate --port N`.

Model names set abilities: `sim-weak`, `sim-strong`, or `sim:0.4` for a solver of ability 0.4. Whatever shows
numbers that come from here must say that they are simulated.
"""

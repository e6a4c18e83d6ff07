"""Short exact answers: a rule for their form, and whether two of them are equivalent.

- `form.py`: the final answer in a text, and what a reference answer may look like.
- `equivalence.py`: equal, different or undecided, for two answers in LaTeX.
- `worker.py`: runs that in a process of its own, with limits, one fork a comparison.
- `comparing.py`: asks the workers.
- `verifier.py`: the verifier that the loop uses.
"""

"""The simulated server as the bench starts it: `python -m evals.bench.serve LATENCY_MS`."""

import sys

from evals.simulator.server import serve

if __name__ == "__main__":
    serve(port=0, latency_s=float(sys.argv[1]) / 1000)

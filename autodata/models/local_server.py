"""The process of one embedded model: an OpenAI-compatible server on loopback that ends with its parent.

Run as `python -m autodata.models.local_server MODEL_FILE`. It prints its address when it is ready, and ends
when its standard input closes: that happens however the parent dies, even by `kill -9`.
"""

import os
import sys

SLOTS = 2
"""Two prompts stay warm at once: the challenger's and the solvers'."""
CONTEXT_TOKENS = 8192
"""A slot's: prompt and answer together."""


def main() -> None:
    """Serve the model file named on the command line."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = sys.argv[1]
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_parallel = SLOTS
    params.n_ctx = SLOTS * CONTEXT_TOKENS
    params.kv_unified = False
    params.n_batch = params.n_ubatch = 512
    params.n_gpu_layers = 0
    params.n_threads_http = 8
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = _threads()
    params.cache_ram_mib = 0
    params.n_ctx_checkpoints = 0
    params.fit_params = False
    params.ui = False
    params.verbosity = 1
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    sys.stdin.buffer.read()
    os._exit(0)  # the server's own threads may be busy with an answer that nobody waits for


def _threads() -> int:
    """The cores that this process may use; more than 16 do not answer sooner."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 2
    return min(cores, 16)


if __name__ == "__main__":
    main()

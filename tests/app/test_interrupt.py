"""Ctrl-C against a server that hangs: the first waits for what is in flight, the second gives it up at once."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.conftest import ROOT, config_file, simulated, write_papers


def test_the_second_ctrl_c_stops_at_once_and_both_leave_a_run_that_goes_on(tmp_path: Path) -> None:
    with simulated("--faults", "hang=1") as url:
        papers, config = write_papers(tmp_path / "papers", 4), config_file(tmp_path, url)
        arguments = ["run", str(papers), "--out", "out", "--config", str(config)]
        with subprocess.Popen(
            [sys.executable, "-m", "app", *arguments],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        ) as process:
            try:
                while not (tmp_path / "out" / "ledger.db").exists():
                    time.sleep(0.05)
                time.sleep(1.5)  # its calls are in flight, and will hang until their timeout of 120 s
                process.send_signal(signal.SIGINT)
                time.sleep(0.7)
                assert process.poll() is None, "the first Ctrl-C waits for the calls in flight"
                process.send_signal(signal.SIGINT)
                said = process.communicate(timeout=5)
            finally:
                process.kill()
    assert process.returncode == 130
    assert "Traceback" not in said[1]
    assert "interrupted; start again to go on" in said[0]
    assert (tmp_path / "out" / "summary.json").is_file()

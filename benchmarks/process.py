"""Runs a process and measures it."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Run:
    """One process, from start to end."""

    seconds: float
    cpu_seconds: float
    peak_mb: float  # most resident memory
    output: str


def _peak_mb(pid: int) -> float:
    """Most resident memory of a process up to now, in MB; 0 when it has ended."""
    # Not the kernel's account at its end: that one counts the memory of the process that started it.
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("VmHWM")), 0)


def run(command: list[str]) -> Run:
    """Run a process to its end.

    Raises:
        RuntimeError: it failed; the message has its output.
    """
    started = time.monotonic()
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        peak_mb, ended = 0.0, 0
        while not ended:
            peak_mb = max(peak_mb, _peak_mb(process.pid))
            time.sleep(0.005)
            ended, status, usage = os.wait4(process.pid, os.WNOHANG)
        seconds = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command[:4])} failed:\n{text}")
    return Run(seconds, usage.ru_utime + usage.ru_stime, peak_mb, text)

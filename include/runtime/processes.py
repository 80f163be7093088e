"""Starts, finds and stops our long-running processes; each has a log file and is remembered by id and start time."""

from __future__ import annotations

import json
import os
import subprocess
import time
from typing import TYPE_CHECKING

import psutil

from include.settings import state_dir

if TYPE_CHECKING:
    from pathlib import Path

STOP_SECONDS = 20


def log_file(service: str) -> Path:
    """Where a service logs."""
    return state_dir() / "logs" / f"{service}.log"


def _book(service: str) -> Path:
    return state_dir() / "processes" / f"{service}.json"


def find(service: str) -> psutil.Process | None:
    """The running process of a service, if it is the one that we started."""
    try:
        book = json.loads(_book(service).read_text())
        process = psutil.Process(book["pid"])
        # A process id may have been given to a stranger since.
        if abs(process.create_time() - book["created"]) < 1 and process.status() != psutil.STATUS_ZOMBIE:
            return process
    except (FileNotFoundError, psutil.NoSuchProcess):
        pass
    return None


def was_started(service: str) -> bool:
    """Whether the service was started here and not stopped since, whatever became of it."""
    return _book(service).exists()


def start(service: str, command: list[str], environment: dict[str, str]) -> psutil.Process:
    """Start a service in a session of its own, unless it runs; its output goes to its log file."""
    running = find(service)
    if running is not None:
        return running
    for path in (log_file(service), _book(service)):
        path.parent.mkdir(parents=True, exist_ok=True)
    with log_file(service).open("w") as log:
        child = subprocess.Popen(
            command, env=environment, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            start_new_session=True, cwd=state_dir(),
        )  # fmt: skip
    process = psutil.Process(child.pid)
    _book(service).write_text(json.dumps({"pid": child.pid, "created": process.create_time()}))
    return process


def stop(services: list[str]) -> list[str]:
    """Stop services and their children, together; returns the names of those that ran."""
    stopped, family = [], []
    for service in services:
        process = find(service)
        if process is not None:
            stopped.append(service)
            family += [process, *process.children(recursive=True)]
            process.terminate()
    _, alive = psutil.wait_procs(family, timeout=STOP_SECONDS)
    for process in alive:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(alive, timeout=STOP_SECONDS)
    for service in services:
        _book(service).unlink(missing_ok=True)
    return stopped


def run(command: list[str], environment: dict[str, str], log_name: str) -> tuple[int, float]:
    """Run a command to its end, its output in a log file; returns exit status and seconds."""
    log_file(log_name).parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    with log_file(log_name).open("w") as log:
        done = subprocess.run(
            command, env=environment, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            cwd=os.fspath(state_dir()), check=False,
        )  # fmt: skip
    return done.returncode, time.monotonic() - started

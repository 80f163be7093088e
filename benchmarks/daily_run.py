"""One day through the real scheduler against the same work without Airflow, side by side.

Starts a platform of its own in a temporary folder. Days alternate between the two, so both meet the same
history; the first day of each only warms up. A day without Airflow is a process of its own, imports included.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from typing import Any

from benchmarks.report import publish

FIRST_DAY = date(2026, 3, 1)
BARE_DAY = """
import json, sys
from datetime import date
from include.pipeline import parsed_dbt, run_day
print(json.dumps(run_day(date.fromisoformat(sys.argv[1]), parsed_dbt())))
"""


def _through_the_scheduler(client: Any, day: date) -> tuple[float, dict[str, float]]:
    from include.cli.progress import stage_seconds

    started = time.monotonic()
    run_id = client.trigger(day)
    while (state := client.run_state(run_id)) not in ("success", "failed"):
        time.sleep(0.2)
    seconds = time.monotonic() - started
    if state == "failed":
        raise RuntimeError(f"the run of {day} failed: {client.tasks(run_id)}")
    return seconds, stage_seconds(client.tasks(run_id))


def _without_airflow(day: date, environment: dict[str, str]) -> tuple[float, dict[str, float]]:
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", BARE_DAY, day.isoformat()], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"the day {day} failed without Airflow:\n{done.stdout}{done.stderr}")
    return time.monotonic() - started, json.loads(done.stdout.strip().splitlines()[-1])


def measure(days: int) -> dict[str, Any]:
    """Run `days` measured days each way; returns medians of the totals and of each stage, in seconds."""
    from include.cli.progress import wait_for_dag
    from include.runtime import platform, ports
    from include.runtime.airflow_client import AirflowClient

    platform.up(lambda step: print(step, file=sys.stderr))
    client = AirflowClient(f"http://127.0.0.1:{ports.remembered()['api-server']}", "admin", "admin")
    wait_for_dag(client)
    scheduled, bare = [], []
    for pair in range(days + 1):
        day = FIRST_DAY + timedelta(days=2 * pair)
        scheduled.append(_through_the_scheduler(client, day))
        bare.append(_without_airflow(day + timedelta(days=1), platform.environment()))
        print(f"{day}: {scheduled[-1][0]:.1f} s scheduled, {bare[-1][0]:.1f} s bare", file=sys.stderr)

    def medians(runs: list[tuple[float, dict[str, float]]]) -> dict[str, float]:
        measured = runs[1:]
        stages = {name: statistics.median(run[1][name] for run in measured) for name in measured[0][1]}
        return {"total": statistics.median(run[0] for run in measured), **stages}

    through, without = medians(scheduled), medians(bare)
    ratio = through["total"] / without["total"]
    return {"scheduler_seconds": through, "bare_seconds": without, "ratio": round(ratio, 2), "days": days}


def main() -> None:
    """Command line: `python -m benchmarks.daily_run [--days N] [--json]`."""
    import argparse

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=3, help="measured days each way")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    home = tempfile.mkdtemp(prefix="fso-benchmark-")
    os.environ |= {"FSO_HOME": home, "FSO_RAW_ZONE": f"{home}/raw", "DB_PORT": "25432", "AIRFLOW_PORT": "28080"}
    from include.runtime import platform

    try:
        figures = measure(arguments.days)
    finally:
        platform.down()
        shutil.rmtree(home, ignore_errors=True)
    rows = [["stage", "scheduler, s", "without Airflow, s"]]
    for name, seconds in figures["scheduler_seconds"].items():
        label = "**trigger to published**" if name == "total" else name
        rows.append([label, f"{seconds:.1f}", f"{figures['bare_seconds'][name]:.1f}"])
    rows.append(["ratio", f"{figures['ratio']:.2f}", "1"])
    publish("daily_run", figures, rows, as_json=arguments.json, keep=True)


if __name__ == "__main__":
    main()

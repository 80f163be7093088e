"""Airflow's REST API, as far as the command line needs it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import httpx

from include.runtime.errors import PlatformError

DAG_ID = "etl_full_pipeline_daily"
# What Airflow gives at most in one answer.
PAGE = 100


@dataclass(frozen=True)
class TaskState:
    """One task of one run."""

    task_id: str
    state: str
    started: datetime | None
    ended: datetime | None
    try_number: int

    @property
    def seconds(self) -> float:
        """How long it ran, or has run so far."""
        if self.started is None:
            return 0.0
        return ((self.ended or datetime.now(UTC)) - self.started).total_seconds()


def _time(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None


class AirflowClient:
    """A session with Airflow's api-server."""

    def __init__(self, base_url: str, user: str, password: str) -> None:
        self._http = httpx.Client(base_url=base_url, timeout=30)
        try:
            answer = self._http.post("/auth/token", json={"username": user, "password": password})
        except httpx.HTTPError:
            raise PlatformError(f"Airflow does not answer at {base_url}: start it with `fso up`") from None
        if answer.status_code != httpx.codes.CREATED:
            raise PlatformError(
                f"Airflow at {base_url} does not accept user {user}: set AIRFLOW_ADMIN_USER and AIRFLOW_ADMIN_PASSWORD"
            )
        self._http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def _call(self, method: str, path: str, **arguments: Any) -> dict[str, Any]:
        try:
            answer = self._http.request(method, f"/api/v2{path}", **arguments)
        except httpx.HTTPError as error:
            raise PlatformError(f"Airflow does not answer ({error}): see `fso status` and `fso logs`") from error
        if answer.is_error:
            detail = answer.json().get("detail", answer.text) if answer.text.startswith("{") else answer.text
            raise PlatformError(f"Airflow refused {method} {path}: {detail}")
        return dict(answer.json()) if answer.text else {}

    def _list(self, path: str, name: str, query: dict[str, str]) -> list[dict[str, Any]]:
        """All entries of a listing, however many pages Airflow makes of it."""
        found: list[dict[str, Any]] = []
        while True:
            page = self._call("GET", path, params={**query, "limit": PAGE, "offset": len(found)})
            found += page[name]
            if len(found) >= page["total_entries"]:
                return found

    def is_dag_ready(self) -> bool:
        """Whether Airflow has read the DAG.

        Raises:
            PlatformError: it cannot be imported, or is paused.
        """
        errors = self._call("GET", "/importErrors")["import_errors"]
        if errors:
            raise PlatformError(f"{errors[0]['filename']} cannot be imported:\n{errors[0]['stack_trace']}")
        answer = self._http.get(f"/api/v2/dags/{DAG_ID}")
        if answer.status_code != httpx.codes.OK:
            return False
        if answer.json()["is_paused"]:
            raise PlatformError(f"the DAG is paused: unpause it in the UI, or by `fso airflow dags unpause {DAG_ID}`")
        return True

    def trigger(self, day: date | None, source: str | None = None) -> str:
        """Start a manual run and return its run id.

        Args:
            day: by default the last complete one.
            source: "mock" or "files"; by default the setting FSO_SOURCE.
        """
        conf = {"partition_date": day.isoformat()} if day else {}
        conf |= {"source": source} if source else {}
        body = {"logical_date": None, "conf": conf}
        return str(self._call("POST", f"/dags/{DAG_ID}/dagRuns", json=body)["dag_run_id"])

    def backfill(self, first: date, last: date, *, again: bool) -> list[tuple[str, str]]:
        """Start a backfill, one day after the other.

        Args:
            first: first day.
            last: last day, included.
            again: also run days whose runs succeeded before.

        Returns:
            Day and run id of each run, in the order of the days.
        """
        body = {
            "dag_id": DAG_ID,
            "from_date": f"{first}T00:00:00Z",
            "to_date": f"{last}T00:00:00Z",
            "max_active_runs": 1,
            "reprocess_behavior": "completed" if again else "failed",
        }
        self._call("POST", "/backfills", json=body)
        return self.runs_between(first, last)

    def runs_between(self, first: date, last: date) -> list[tuple[str, str]]:
        """Day and run id of the runs whose data interval begins on one of these days, in their order."""
        query = {
            "logical_date_gte": f"{first}T00:00:00Z",
            "logical_date_lte": f"{last}T00:00:00Z",
            "order_by": "logical_date",
        }
        runs = self._list(f"/dags/{DAG_ID}/dagRuns", "dag_runs", query)
        # A run by hand may have a logical date too, and says nothing of that day.
        return [(run["logical_date"][:10], run["dag_run_id"]) for run in runs if run["run_type"] != "manual"]

    def run_state(self, run_id: str) -> str:
        """State of a run: queued, running, success or failed."""
        return str(self._call("GET", f"/dags/{DAG_ID}/dagRuns/{run_id}")["state"])

    def tasks(self, run_id: str) -> list[TaskState]:
        """All tasks of a run."""
        items = self._list(f"/dags/{DAG_ID}/dagRuns/{run_id}/taskInstances", "task_instances", {})
        return [
            TaskState(
                item["task_id"],
                item["state"] or "none",
                _time(item["start_date"]),
                _time(item["end_date"]),
                item["try_number"],
            )
            for item in items
        ]

    def failure(self, run_id: str, task: TaskState) -> str:
        """What a failed task's log says went wrong."""
        path = f"/dags/{DAG_ID}/dagRuns/{run_id}/taskInstances/{task.task_id}/logs/{task.try_number}"
        content = self._call("GET", path, headers={"Accept": "application/json"})["content"]
        errors = [error for entry in content for error in entry.get("error_detail") or []]
        lines = [f"{error['exc_type']}: {error['exc_value']}" for error in errors]
        return "\n".join(lines) or "\n".join(str(entry.get("event", entry)) for entry in content[-10:])

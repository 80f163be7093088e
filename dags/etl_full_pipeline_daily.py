"""The daily pipeline: raw files of one day, checked, loaded, modelled, audited and published.

Work is imported inside the tasks, so that reading this file needs no database, no network and little time.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import (
    Asset,
    CronDataIntervalTimetable,
    Param,
    PokeReturnValue,
    chain,
    dag,
    get_current_context,
    task,
)

from include.dbt_project import dbt_task_group
from include.domains import DOMAINS
from include.settings import settings

if TYPE_CHECKING:
    from airflow.sdk import Context
    from sqlalchemy import Engine

    from include.quality.results import CheckpointName

PUBLISHED = Asset(name="published", uri="fso://warehouse/published")

WAIT_SECONDS = 12 * 3600

DAG_DOC = """
### From raw files to published marts, one day per run

`generate_mock_data` → `etl_*` → `checkpoint_staging` → `intermediate` → `checkpoint_intermediate` →
`marts` → `checkpoint_marts` → `publish`

* **Day.** A scheduled run handles the day that has just ended, a backfill from A to B exactly A..B, a manual
  run the day in its parameter `partition_date`, or else the last complete day.
* **Order.** Days may run in any order and again: a day's partition is replaced, and what depends on it rebuilt.
* **One at a time.** A run waits in its first task while another run holds the warehouse.
* **When it fails.** The message of the failed task says what is wrong. Readers keep seeing the last publish.
  After a repair, clear the run from its first task.
"""


def _engine(role: str) -> Engine:
    from airflow.providers.postgres.hooks.postgres import PostgresHook

    engine: Engine = PostgresHook(postgres_conn_id=f"warehouse_{role}").get_sqlalchemy_engine()
    return engine


def _is_over(run_id: str) -> bool:
    """Whether the run that holds the warehouse has ended without giving it back."""
    from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance

    # A queued run holds nothing that it needs: it was cleared, and begins again. A deleted one is not found.
    running = RuntimeTaskInstance.get_dr_count("etl_full_pipeline_daily", run_ids=[run_id], states=["running"])
    return bool(running == 0)


def _give_warehouse_back(context: Context) -> None:
    """After a failed run: note it in the books, so that the next run need not ask Airflow."""
    from database import partitions

    partitions.release(_engine("loader"), context["run_id"], "failed")


def _checkpoint(name: CheckpointName, day: str) -> None:
    from datetime import date

    from include.quality.checkpoints import run_checkpoint

    run_checkpoint(_engine("transformer"), name, get_current_context()["run_id"], date.fromisoformat(day))


@task.sensor(mode="reschedule", poke_interval=10, timeout=WAIT_SECONDS, retries=0)
def generate_mock_data() -> PokeReturnValue:
    """Wait for the warehouse, then write the day's files as the source systems would, or wait for real ones.

    Hands on the partition date (ISO).
    """
    from database import partitions
    from database.generator import write_partition
    from database.raw_zone import missing_files, partition_folder
    from include.partition_date import resolve_partition_date

    context = get_current_context()
    run = context["dag_run"]
    day = resolve_partition_date(context["params"]["partition_date"], run.data_interval_start, run.run_after)
    is_mock = context["params"]["source"] == "mock"
    missing = [] if is_mock else missing_files(settings().raw_zone, day)
    if missing:
        # Each look is a start of its own; the time limit counts from the first.
        first = context["ti"].get_first_reschedule_date(context) or context["ti"].start_date
        until = first + timedelta(seconds=WAIT_SECONDS)
        print(f"waiting until {until:%Y-%m-%d %H:%M} UTC for {', '.join(missing)}")
        return PokeReturnValue(is_done=False)
    holder = partitions.acquire(_engine("loader"), run.run_id, day)
    if holder is not None:
        if _is_over(holder.run_id):
            partitions.release(_engine("loader"), holder.run_id, "failed")
        print(f"waiting: run {holder.run_id} (day {holder.partition_date}) holds the warehouse")
        return PokeReturnValue(is_done=False)
    if not is_mock:
        print(f"{partition_folder(settings().raw_zone, day)}: files taken as they are")
        return PokeReturnValue(is_done=True, xcom_value=day.isoformat())
    rows = write_partition(settings().raw_zone, day, *settings().mock)
    print(f"{partition_folder(settings().raw_zone, day)}: {sum(rows.values())} rows in {len(rows)} files")
    return PokeReturnValue(is_done=True, xcom_value=day.isoformat())


@task
def load(domain: str, day: str) -> None:
    """Check every file of the domain against its contract and load it into its staging partition."""
    from datetime import date

    from database.etl import load_domain

    run_id = get_current_context()["run_id"]
    load_domain(_engine("loader"), domain, settings().raw_zone, date.fromisoformat(day), run_id)


@task
def checkpoint_staging(day: str) -> None:
    """Judge the day's delivery; only a day that passes is read by dbt."""
    from datetime import date

    from database.partitions import mark_audited

    _checkpoint("checkpoint_staging", day)
    mark_audited(_engine("transformer"), get_current_context()["run_id"], date.fromisoformat(day))


@task
def checkpoint_intermediate(day: str) -> None:
    """Judge the cleaned and joined data."""
    _checkpoint("checkpoint_intermediate", day)


@task
def checkpoint_marts(day: str) -> None:
    """Judge what is about to be published; tie it out against staging, and the systems against each other."""
    _checkpoint("checkpoint_marts", day)


@task(outlets=[PUBLISHED])
def publish(day: str) -> int:
    """Show marts and analytics to readers, all in one transaction; returns the publish id."""
    from datetime import date

    from database.publish import publish as publish_marts
    from include.dbt_project import keep_manifest

    run_id = get_current_context()["run_id"]
    publish_id = publish_marts(_engine("transformer"), run_id, date.fromisoformat(day))
    keep_manifest()
    return publish_id


def _data_errors_fail_at_once() -> dict[str, Any]:
    """Arguments of every task: infrastructure errors are tried again, errors in the data are not."""
    from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule

    names = (
        "database.etl.load.LoadRefused",
        "include.quality.checkpoints.CheckpointFailed",
        "database.partitions.NotHolder",
        "database.publish.PublishError",
    )
    rules = [RetryRule(exception=name, action=RetryAction.FAIL) for name in names]
    return {
        "retries": 2,
        "retry_delay": timedelta(seconds=20),
        "retry_policy": ExceptionRetryPolicy(rules=rules),
        "execution_timeout": timedelta(hours=2),
    }


@dag(
    dag_id="etl_full_pipeline_daily",
    dag_display_name="Daily pipeline: files to published marts",
    description="Generates or receives one day of files, loads, models, audits and publishes it.",
    doc_md=DAG_DOC,
    schedule=CronDataIntervalTimetable("@daily", timezone="UTC"),
    start_date=datetime.combine(settings().schedule_from, datetime.min.time(), tzinfo=UTC),
    catchup=False,
    # A run may wait for files while another works; the warehouse itself takes one at a time.
    max_active_runs=4,
    on_failure_callback=_give_warehouse_back,
    is_paused_upon_creation=False,
    default_args=_data_errors_fail_at_once(),
    params={
        "partition_date": Param(
            None,
            type=["null", "string"],
            format="date",
            title="Partition date",
            description="The day to handle (YYYY-MM-DD). Empty: the last complete day.",
        ),
        "source": Param(
            settings().source,
            enum=["mock", "files"],
            title="Source",
            description="mock: write the day's files first. files: take those that lie there; wait for missing ones.",
        ),
    },
    tags=["sales", "operations", "finance"],
)
def etl_full_pipeline_daily() -> None:
    """Wire the tasks."""
    day = generate_mock_data()
    loads = [
        load.override(
            task_id=f"etl_{domain.name}",
            task_display_name=f"etl_{domain.name}",
            owner=domain.owner,
            doc_md=f"Checks every file of {domain.title} against its contract and loads it into staging.",
        )(domain.name, day)
        for domain in DOMAINS
    ]
    chain(
        loads,
        checkpoint_staging(day),
        dbt_task_group("intermediate", "Cleaned and joined data (silver)"),
        checkpoint_intermediate(day),
        dbt_task_group("marts", "Dimensions, facts and analytics (gold)"),
        checkpoint_marts(day),
        publish(day),
    )


etl_full_pipeline_daily()

"""Runs a checkpoint: judges the tables, keeps the books, writes the Data Docs, stops the run if need be."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import event, text

from include.contracts import contracts
from include.log import get_logger
from include.quality import data_docs, gx, rules, suites, tie_outs
from include.quality.results import (
    CheckpointFailed,
    CheckpointName,
    CheckpointResult,
    Outcome,
    failure_message,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from sqlalchemy import Engine

log = get_logger(__name__)

SAMPLE_SIZE = 5
HIDDEN = "(hidden: personal data)"
# Only the last days are looked at, so that the cost does not grow with the history; only audited ones, so that
# what stopped a run is not what the next delivery is measured by.
HISTORY = text("""
select distinct on (domain, table_name, partition_date) domain || '.' || table_name as contract_id, rows_accepted
from ops.loads
where status = 'loaded' and partition_date in (
    select partition_date from ops.audited_partitions
    where partition_date < :day
    order by partition_date desc
    limit :days)
order by domain, table_name, partition_date, load_id desc
""")
DIRTY = text("""
select partition_date from ops.dirty_partitions
where partition_date in (select partition_date from ops.audited_partitions)
""")
RECORD = text("""
insert into ops.checkpoints (run_id, partition_date, checkpoint, success, expectations, failed, failures, seconds)
values (:run_id, :partition_date, :checkpoint, :success, :expectations, :failed, :failures, :seconds)
""")


def _history(engine: Engine, day: date) -> dict[str, list[int]]:
    """Row counts of the audited days before, by contract id."""
    counts: dict[str, list[int]] = defaultdict(list)
    with engine.connect() as connection:
        for row in connection.execute(HISTORY, {"day": day, "days": suites.HISTORY_DAYS}):
            counts[row.contract_id].append(row.rows_accepted)
    return counts


def _days_to_publish(engine: Engine, day: date) -> list[date]:
    """The day, and days of failed runs before that the next publish shows too."""
    with engine.connect() as connection:
        return sorted({day, *connection.scalars(DIRTY)})


def _suites(engine: Engine, name: CheckpointName, day: date) -> list[suites.TableSuite]:
    if name == "checkpoint_staging":
        return suites.staging_suites(contracts(), day, _history(engine, day))
    tables = rules.intermediate_rules(contracts().values()) if name == "checkpoint_intermediate" else rules.MARTS
    return suites.rule_suites(tables, _days_to_publish(engine, day))


def _datasource(engine: Engine) -> Any:
    """A data source of a new context, whose connections come from our engine.

    So Great Expectations never holds a password, and what it logs or renders cannot show one.
    """

    def connect() -> Any:
        pooled = engine.raw_connection()
        connection = pooled.driver_connection
        pooled.detach()
        return connection

    return gx.context().data_sources.add_postgres(
        "warehouse",
        connection_string="postgresql+psycopg://nobody@nowhere/nothing",
        kwargs={"creator": connect},
    )


def _send_no_rows_for_names(datasource: Any, tables: list[suites.TableSuite]) -> None:
    """Great Expectations runs the whole query of a batch only to learn its column names: limit that to none."""
    queries = {table.query for table in tables}

    def limit(_c: Any, _cursor: Any, statement: str, parameters: Any, _x: Any, _many: bool) -> tuple[str, Any]:
        return f"{statement} limit 0" if statement in queries else statement, parameters

    event.listen(datasource.get_execution_engine().engine, "before_cursor_execute", limit, retval=True)


def _judge(datasource: Any, table: suites.TableSuite) -> list[Outcome]:
    """The outcome of each expectation, in the order of the suite."""
    asset = datasource.add_query_asset(table.table, query=table.query)
    batch = asset.add_batch_definition_whole_table("rows").get_batch()
    members = dict(enumerate(table.expectations))
    for number, member in members.items():
        member.meta = {**member.meta, "number": number}
    passed = {
        number
        for number, result in _validate(batch, table.table, list(members.values()), "BOOLEAN_ONLY")
        if result.success
    }
    failed = [member for number, member in members.items() if number not in passed]
    details = dict(_details(batch, table, failed)) if failed else {}
    return [details.get(number) or _outcome(table.table, member, success=True) for number, member in members.items()]


def _judge_or_say_why_not(datasource: Any, table: suites.TableSuite) -> list[Outcome]:
    try:
        return _judge(datasource, table)
    except Exception as error:  # whatever went wrong, the books get their row and the run stops
        log.exception("a table could not be judged", table=table.table)
        observed = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
        return [Outcome(table.table, "readable", "the table to be readable", None, success=False, observed=observed)]


def _validate(batch: Any, name: str, members: list[Any], result_format: Any) -> Iterator[tuple[int, Any]]:
    """Each result with the number of its expectation: Great Expectations changes the order."""
    for result in batch.validate(gx.suite(name, members), result_format=result_format).results:
        yield result.expectation_config.meta["number"], result


def _details(batch: Any, table: suites.TableSuite, failed: list[Any]) -> Iterator[tuple[int, Outcome]]:
    """What was found where an expectation failed."""
    custom = [member for member in failed if hasattr(member, "unexpected_rows_query")]
    others = [member for member in failed if not hasattr(member, "unexpected_rows_query")]
    summary = {
        "result_format": "SUMMARY",
        "partial_unexpected_count": SAMPLE_SIZE,
        "unexpected_index_column_names": list(table.key),
    }
    # A query's rows come only with COMPLETE, and are at most 200.
    for members, result_format in ((custom, {"result_format": "COMPLETE"}), (others, summary)):
        for number, result in _validate(batch, table.table, members, result_format) if members else ():
            found, sample = _found(result, table.hidden)
            member = table.expectations[number]
            yield number, _outcome(table.table, member, success=False, observed=found, sample=sample)


def _outcome(table: str, member: Any, *, success: bool, observed: str = "", sample: tuple[str, ...] = ()) -> Outcome:
    rule, column, expected = member.meta["rule"], member.meta["column"], member.description
    return Outcome(table, rule, expected, column, success, observed, sample)


def _found(result: Any, hidden: frozenset[str]) -> tuple[str, tuple[str, ...]]:
    """What a failed result observed, in words, and a few of the rows."""
    values = result.result
    rows = (values.get("details") or {}).get("unexpected_rows") or values.get("partial_unexpected_index_list") or []
    sample = tuple(_row(row, hidden) for row in rows[:SAMPLE_SIZE])
    if "unexpected_count" in values:
        return f"{values['unexpected_count']} of {values['element_count']} rows otherwise", sample
    if "observed_value" in values:
        return f"{'offending rows: ' if sample else 'rows: '}{values['observed_value']}", sample
    return f"it could not be checked: {_error(result.exception_info)}", ()


def _row(row: dict[str, Any], hidden: frozenset[str]) -> str:
    return ", ".join(f"{name}={HIDDEN if name in hidden else value}" for name, value in row.items())


def _error(info: dict[str, Any]) -> str:
    """First line of the exception; the rest is SQL and stack."""
    messages = [str(info["exception_message"])] if info.get("exception_message") else []
    messages += [str(item["exception_message"]) for item in info.values() if isinstance(item, dict)]
    return messages[0].splitlines()[0] if messages else "Great Expectations gave no reason"


def _judge_all(engine: Engine, tables: list[suites.TableSuite]) -> list[Outcome]:
    datasource = _datasource(engine)
    _send_no_rows_for_names(datasource, tables)
    try:
        return [outcome for table in tables for outcome in _judge_or_say_why_not(datasource, table)]
    finally:
        datasource.get_engine().dispose()
        datasource.get_execution_engine().engine.dispose()


def run_checkpoint(engine: Engine, name: CheckpointName, run_id: str, partition_date: date) -> CheckpointResult:
    """Judge a layer for one day.

    Args:
        engine: the warehouse, as role transformer.
        name: which checkpoint.
        run_id: the pipeline run, for the books.
        partition_date: the day.

    Returns:
        What was found. A row of it is in ops.checkpoints and a page in the Data Docs, pass or fail.

    Raises:
        CheckpointFailed: an expectation failed or could not be checked; the message says which and what to do.
        sqlalchemy.exc.OperationalError: the warehouse is not reachable; nothing was recorded.
    """
    gx.expectations()  # imported before the clock starts: seconds measure the checks
    started = time.monotonic()
    outcomes = _judge_all(engine, _suites(engine, name, partition_date))
    if name == "checkpoint_marts":
        with engine.begin() as connection:
            outcomes += tie_outs.judge(connection, run_id, partition_date)
    failures = [outcome.as_failure() for outcome in outcomes if not outcome.success]
    seconds = time.monotonic() - started
    result = CheckpointResult(name, partition_date, not failures, len(outcomes), failures, seconds)
    _record(engine, result, run_id)
    data_docs.write(result, outcomes, run_id)
    log.info(name, success=result.success, expectations=len(outcomes), failed=len(failures), seconds=round(seconds, 3))
    if failures:
        raise CheckpointFailed(failure_message(name, partition_date, outcomes))
    return result


def _record(engine: Engine, result: CheckpointResult, run_id: str) -> None:
    with engine.begin() as connection:
        connection.execute(
            RECORD,
            {
                "run_id": run_id,
                "partition_date": result.partition_date,
                "checkpoint": result.checkpoint,
                "success": result.success,
                "expectations": result.expectations,
                "failed": len(result.failures),
                "failures": json.dumps(result.failures),
                "seconds": result.seconds,
            },
        )

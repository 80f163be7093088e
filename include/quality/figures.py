"""What the data-quality page shows, read from the books of the warehouse: named queries, and their rows made safe."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from include.contracts import contracts
from include.record_fields import fields_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Engine, Row

RUNS = 15
HIDDEN = "(hidden)"

LATEST_PUBLISH = text("""
select publish_id, run_id, data_through_date, published_at from ops.publishes order by publish_id desc limit 1
""")
# The last loads by number, so that the page costs the same whatever the history; 600 hold 15 runs of 40 tables.
RECENT = """
with recent as (
    -- Nothing of a refused file was taken over; the table's rows_accepted says what was found in it.
    select *, case when status = 'loaded' then rows_accepted else 0 end as rows_taken
    from ops.loads order by load_id desc limit 600),
present as (
    -- A file that could not be read says nothing about rows.
    select distinct on (partition_date, domain, table_name) *
    from recent where status <> 'failed'
    order by partition_date, domain, table_name, load_id desc)
"""
LOADS = text(f"""{RECENT}
select run_id, partition_date, domain, table_name, status, error, rows_read, rows_taken as rows_accepted, rows_rejected,
    rows_corrected, seconds, loaded_at, max(load_id) over (partition by run_id) as last_load
from recent
where run_id in (select run_id from recent group by run_id order by max(load_id) desc limit :runs)
order by last_load desc, run_id, partition_date desc, domain, table_name
""")
DAYS = text(f"""{RECENT}
select partition_date, sum(rows_taken) as accepted, sum(rows_rejected) as rejected
from present
group by partition_date order by partition_date desc limit 30
""")
REJECTS = text(f"""{RECENT},
counted as (
    select present.domain, present.table_name, reason.key as reason, sum(cast(reason.value as bigint)) as rows,
        max(present.load_id) as load_id
    from present, jsonb_each_text(present.reasons) as reason
    group by 1, 2, 3)
select counted.*, load.file_columns, example.raw_text, example.line_number, example.partition_date
from counted
join ops.loads as load using (load_id)
left join lateral (
    select raw_text, line_number, partition_date
    from quarantine.rejected_rows rejected
    where rejected.load_id = counted.load_id and counted.reason = any(rejected.reasons)
    order by line_number limit 1) example on true
order by rows desc, domain, table_name, reason
limit 50
""")
CHECKPOINTS = text("""
select run_id, partition_date, checkpoint, success, expectations, failed, failures, seconds, checked_at
from ops.checkpoints order by checkpoint_id desc limit :rows
""")


@dataclass(frozen=True)
class Bar:
    """One day of the chart; heights in per cent of the tallest day."""

    day: str
    accepted: int
    rejected: int
    accepted_height: float
    rejected_height: float


@dataclass(frozen=True)
class Figures:
    """Everything on the page."""

    publish: Row[Any] | None
    runs: list[tuple[str, list[Row[Any]]]]
    bars: list[Bar]
    rejects: list[dict[str, Any]]
    checkpoints: list[Row[Any]]

    @property
    def is_empty(self) -> bool:
        """Whether no run has left a trace yet."""
        return not (self.publish or self.runs or self.checkpoints)


def masked(contract_id: str, raw_text: str, file_columns: Sequence[str] | None) -> dict[str, str]:
    """The fields of a rejected record without personal data; nothing of one whose fields or contract are unknown."""
    fields = fields_of(raw_text, file_columns or ()) or {"record": raw_text}
    contract = contracts().get(contract_id)
    shown = {column.name for column in contract.columns if not column.is_pii} if contract else set()
    return {name: value if name in shown else HIDDEN for name, value in fields.items()}


def _bars(days: list[Row[Any]]) -> list[Bar]:
    tallest = max((day.accepted + day.rejected for day in days), default=0) or 1
    return [
        Bar(
            f"{day.partition_date}",
            int(day.accepted),
            int(day.rejected),
            float(100 * day.accepted / tallest),
            float(100 * day.rejected / tallest),
        )
        for day in reversed(days)
    ]


def _rejects(connection: Connection) -> list[dict[str, Any]]:
    return [
        {
            **row,
            "example": row["raw_text"] is not None
            and masked(f"{row['domain']}.{row['table_name']}", row["raw_text"], row["file_columns"]),
        }
        for row in connection.execute(REJECTS).mappings()
    ]


def read_figures(engine: Engine) -> Figures:
    """Read the page's figures, in one snapshot.

    Args:
        engine: the warehouse, as a role that reads ops and quarantine.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the warehouse is not reachable or was never set up.
    """
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        loads = list(connection.execute(LOADS, {"runs": RUNS}))
        return Figures(
            publish=connection.execute(LATEST_PUBLISH).one_or_none(),
            runs=[(run_id, list(rows)) for run_id, rows in groupby(loads, key=lambda load: load.run_id)],
            bars=_bars(list(connection.execute(DAYS))),
            rejects=_rejects(connection),
            checkpoints=list(connection.execute(CHECKPOINTS, {"rows": 3 * RUNS})),
        )

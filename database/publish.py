"""Shows readers what passed the last checkpoint: all of it in one transaction, or none of it.

Every table of schemas marts and analytics has a twin in schema published, which only this module writes.
Rows are compared by primary key and only differences are written, so readers' snapshots, grants and
views stay valid while it runs. Of relations whose changes are followed by date (ops.touched_dates) only
the dates that changed are compared. The twin of a table partitioned by month is one too.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, text

from database.partitions import finish, require_holder
from include.log import get_logger

if TYPE_CHECKING:
    from datetime import date

log = get_logger(__name__)

SOURCES = """
select n.nspname as schema, c.relname as name,
    array_agg(a.attname::text order by a.attnum) as columns,
    array_agg(format_type(a.atttypid, a.atttypmod) order by a.attnum) as types,
    (select array_agg(k.attname::text order by k.attnum) from pg_index i join pg_attribute k
        on k.attrelid = c.oid and k.attnum = any(i.indkey) where i.indrelid = c.oid and i.indisprimary) as key,
    (select dated.date_column from ops.dated_relations dated where dated.relation = c.relname) as date_column,
    (select month_of.attname::text from pg_partitioned_table p join pg_attribute month_of
        on month_of.attrelid = p.partrelid and month_of.attnum = p.partattrs[0] where p.partrelid = c.oid) as month_of
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where n.nspname = any(:schemas) and c.relkind in ('r', 'p')
group by n.nspname, c.relname, c.oid
order by c.relname
"""


class PublishError(Exception):
    """Something in marts or analytics cannot be published; readers still see the previous publish."""


@dataclass(frozen=True)
class Relation:
    """A table to publish."""

    schema: str
    name: str
    columns: tuple[str, ...]
    types: tuple[str, ...]
    key: tuple[str, ...]
    date_column: str | None  # its changes are followed by this date
    month_of: str | None  # it is partitioned by the month of this date

    @property
    def shape(self) -> tuple[object, ...]:
        """What a twin has to have in common with its source."""
        return self.columns, self.types, self.key, self.month_of


def _relations(connection: Connection, *schemas: str) -> list[Relation]:
    return [
        Relation(
            row.schema,
            row.name,
            columns=tuple(row.columns),
            types=tuple(row.types),
            key=tuple(row.key or ()),
            date_column=row.date_column,
            month_of=row.month_of,
        )
        for row in connection.execute(text(SOURCES), {"schemas": list(schemas)})
    ]


def _create_twin(connection: Connection, relation: Relation) -> None:
    months = f" partition by range ({relation.month_of})" if relation.month_of else ""
    connection.execute(
        text(f"create table published.{relation.name} (like {relation.schema}.{relation.name} including all){months}")
    )
    readers = "fso_reader, fso_api" if relation.schema == "analytics" else "fso_reader"
    connection.execute(text(f"grant select on published.{relation.name} to {readers}"))


def _touched(connection: Connection, relation: Relation) -> str:
    """Condition on the rows to compare; `{0}` stands for the table."""
    if relation.date_column is None:
        return "true"
    days = connection.scalars(
        text("select touched_date::text from ops.touched_dates where relation = :name"), {"name": relation.name}
    ).all()
    if "infinity" in days:
        return "true"
    return f"{{0}}.{relation.date_column} = any('{{{{{','.join(days)}}}}}')"


def _add_months(connection: Connection, relation: Relation, touched: str) -> bool:
    """Make the months that the touched rows need; returns whether any was missing."""
    dates = f"select distinct source.{relation.month_of} from {relation.schema}.{relation.name} source"
    return bool(
        connection.scalar(
            text(f"select ops.add_month_partitions(:twin, array({dates} where {touched.format('source')}))"),
            {"twin": f"published.{relation.name}"},
        )
    )


def _copy_differences(connection: Connection, relation: Relation, touched: str) -> int:
    """Make the touched rows of the twin equal to its source; returns how many were removed or written."""
    source, twin = f"{relation.schema}.{relation.name}", f"published.{relation.name}"
    same_key = " and ".join(f"twin.{column} = source.{column}" for column in relation.key)
    columns = ", ".join(relation.columns)
    row = "row({})".format(", ".join(f"{{0}}.{column}" for column in relation.columns))
    removed = connection.execute(
        text(
            f"delete from {twin} twin where {touched.format('twin')} and not exists (select from {source} source "
            f"where {same_key} and {row.format('source')} is not distinct from {row.format('twin')})"
        )
    )
    added = connection.execute(
        text(
            f"insert into {twin} ({columns}) select {columns} from {source} source "
            f"where {touched.format('source')} and not exists (select from {twin} twin where {same_key})"
        )
    )
    return int(removed.rowcount + added.rowcount)


def _publish_relations(connection: Connection) -> dict[str, int]:
    relations = _relations(connection, "marts", "analytics")
    twins = {twin.name: twin for twin in _relations(connection, "published")}
    changed = {}
    for relation in relations:
        if not relation.key:
            raise PublishError(f"{relation.schema}.{relation.name} has no primary key: declare one in its contract")
        twin = twins.pop(relation.name, None)
        if twin and twin.shape != relation.shape:
            # A changed shape cannot be shown row by row; dependants of the old one are the readers' own.
            connection.execute(text(f"drop table published.{relation.name} cascade"))
            twin = None
        touched = _touched(connection, relation) if twin else "true"
        if twin is None:
            _create_twin(connection, relation)
        gained_months = relation.month_of is not None and _add_months(connection, relation, touched)
        changed[relation.name] = _copy_differences(connection, relation, touched)
        if gained_months:
            # Autovacuum collects figures on the months, but not on the table as a whole.
            connection.execute(text(f"analyze published.{relation.name}"))
    connection.execute(text("delete from ops.touched_dates"))
    for name in twins:
        connection.execute(text(f"drop table published.{name} cascade"))
    return changed


def _require_no_lost_day(connection: Connection) -> None:
    """A day that readers see must not vanish because a reload of it failed: dbt has left it out."""
    lost = connection.execute(
        text(
            "select partition_date from ops.partitions where published_version is not null "
            "and audited_version is distinct from version order by 1"
        )
    )
    days = ", ".join(str(day) for (day,) in lost)
    if days:
        raise PublishError(
            f"published before, but loaded again since and not passed: {days}. Publishing now would take these days "
            f"away from readers. Repair and run them first."
        )


def publish(engine: Engine, run_id: str, partition_date: date) -> int:
    """Publish marts and analytics, and give the warehouse back.

    Args:
        engine: warehouse, as role transformer.
        run_id: the run that built and checked them; it must hold the warehouse.
        partition_date: the day that the run was about.

    Returns:
        The publish id.

    Raises:
        NotHolder: another run has changed the warehouse since; nothing is published.
        PublishError: a relation has no primary key, or a published day would be lost; nothing is published.
    """
    started = time.monotonic()
    with engine.begin() as connection:
        require_holder(connection, run_id)
        _require_no_lost_day(connection)
        changed = _publish_relations(connection)
        connection.execute(
            text("update ops.partitions set published_version = version where audited_version = version")
        )
        publish_id: int = connection.execute(
            text(
                "insert into ops.publishes (run_id, partition_date, data_through_date, relations, seconds) "
                "select :run_id, :day, max(partition_date), :relations, :seconds from ops.audited_partitions "
                "returning publish_id"
            ),
            {
                "run_id": run_id,
                "day": partition_date,
                "relations": json.dumps(changed),
                "seconds": time.monotonic() - started,
            },
        ).scalar_one()
        finish(connection, run_id, "published")
    log.info("publish", publish_id=publish_id, run_id=run_id, changed_rows=changed)
    return publish_id

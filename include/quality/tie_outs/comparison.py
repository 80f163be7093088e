"""Compares the two sides of each tie-out on the dates that the next publish changes; differences go to ops.tie_out."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import text

from include.quality.results import Outcome
from include.quality.tie_outs.declarations import TIE_OUTS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from sqlalchemy import Connection

    from include.quality.tie_outs.tie_out import TieOut

SAMPLE_SIZE = 5
# The dates that changed, and those before a day to publish that it completes: until then, a side may be missing.
DATES = text("""
select touched_date from ops.touched_dates where relation = any(:relations) and touched_date <> 'infinity'
union
select partition_date - days from ops.dirty_partitions, generate_series(1, :days_after) as days
where partition_date in (select partition_date from ops.audited_partitions)
order by 1
""")
ALL_CHANGED = text("select from ops.touched_dates where relation = any(:relations) and touched_date = 'infinity'")
# A side that is missing is explained when a record of it was rejected: one that holds the item's id, or one that
# lacks just this id and agrees in what else is known. Of a rejected duplicate the other record was accepted.
# A side is asked for when its days are loaded.
COMPARE = """
insert into ops.tie_out
    (run_id, partition_date, tie_out, event_date, item_id, left_amount, right_amount, difference, explanation)
with left_side as ({left}), right_side as ({right}),
differences as (
    select event_date, item_id, left_side.amount as left_amount, right_side.amount as right_amount,
        coalesce(left_side.amount, 0) - coalesce(right_side.amount, 0) as difference,
        left_side.traits is not null and left_side.amount is null as is_unsaid,
        coalesce(left_side.is_late, right_side.is_late) as is_late,
        coalesce(left_side.traits, right_side.traits) as traits,
        case when left_side.is_late is null then 'left' when right_side.is_late is null then 'right' end as missing
    from left_side full join right_side using (event_date, item_id)
    where coalesce(left_side.amount, 0) <> coalesce(right_side.amount, 0)
)
select :run_id, :day, :name, event_date, item_id, left_amount, right_amount, difference,
    case
        when missing is not null and is_late then 'delivered late, and by one system only'
        when is_unsaid then 'the till reported no amount'
        when missing is not null or :adds_up then (
            select format('rejected: line %s of %s.%s of %s (%s)', rejected.line_number, rejected.domain,
                rejected.table_name, rejected.partition_date, array_to_string(rejected.reasons, ', '))
            from ops.loads load
            join quarantine.rejected_rows rejected using (load_id),
            lateral (select string_to_array(replace(rejected.raw_text, '"', ''), ',') as fields) record
            where load.partition_date between event_date and event_date + :days_after
                and load.domain || '.' || load.table_name
                    = case missing when 'left' then :left_contract else :right_contract end
                and rejected.status <> 'refused'
                and array_to_string(rejected.reasons, ', ') not like '%: duplicate'
                and (item_id = any(record.fields)
                    or case missing when 'left' then :left_id else :right_id end || ': missing' = any(rejected.reasons)
                        and record.fields @> traits)
            order by load.load_id desc, rejected.line_number
            limit 1)
    end
from differences
where missing is null or not exists (
    select from generate_series(0, :days_after) as days
    where event_date + days not in (select partition_date from ops.audited_partitions))
"""
BREAKS = text("""
select event_date, item_id, left_amount, right_amount, count(*) over () as breaks
from ops.tie_out where run_id = :run_id and tie_out = :name and is_break
order by event_date, item_id limit :limit
""")


def _conditions(connection: Connection, tie_out: TieOut) -> dict[str, str] | None:
    """Conditions on the dates to compare and on the days before them; None if there are none."""
    asked = {"relations": list(tie_out.relations), "days_after": tie_out.days_after}
    if connection.execute(ALL_CHANGED, asked).first() is not None:
        return {"dates": "is not null", "eves": "is not null"}
    dates = list(connection.scalars(DATES, asked))
    return {"dates": _among(dates), "eves": _among(day - timedelta(days=1) for day in dates)} if dates else None


def _among(dates: Iterable[date]) -> str:
    """Constants, because PostgreSQL plans with them."""
    return "in ({})".format(", ".join(f"date '{day}'" for day in dates))


def _compare(connection: Connection, tie_out: TieOut, run_id: str, day: date) -> Outcome:
    conditions = _conditions(connection, tie_out)
    if conditions:
        sides = {"left": tie_out.left.sql.format(**conditions), "right": tie_out.right.sql.format(**conditions)}
        connection.execute(
            text(COMPARE.format(**sides)),
            {
                "run_id": run_id,
                "day": day,
                "name": tie_out.name,
                "days_after": tie_out.days_after,
                "adds_up": tie_out.adds_up,
                "left_contract": tie_out.left.contract,
                "left_id": tie_out.left.id_column,
                "right_contract": tie_out.right.contract,
                "right_id": tie_out.right.id_column,
            },
        )
    breaks = connection.execute(BREAKS, {"run_id": run_id, "name": tie_out.name, "limit": SAMPLE_SIZE}).all()
    return Outcome(
        table="ops.tie_out",
        expectation=tie_out.name,
        expected=tie_out.expected,
        column=None,
        success=not breaks,
        observed=f"{breaks[0].breaks} item(s) otherwise" if breaks else "",
        sample=tuple(
            f"{row.item_id} of {row.event_date}: {_said(row.left_amount)} against {_said(row.right_amount)}"
            for row in breaks
        ),
    )


def _said(amount: object) -> str:
    return "nothing" if amount is None else str(amount)


def judge(connection: Connection, run_id: str, partition_date: date) -> list[Outcome]:
    """Compare what the next publish changes.

    Args:
        connection: to the warehouse, as role transformer.
        run_id: the pipeline run, for the books.
        partition_date: the day that the run is about.

    Returns:
        One outcome for each tie-out; it failed if a difference has no explanation. All differences are in ops.tie_out.
    """
    connection.execute(text("delete from ops.tie_out where run_id = :run_id"), {"run_id": run_id})
    return [_compare(connection, tie_out, run_id, partition_date) for tie_out in TIE_OUTS]

"""Large facts are tables partitioned by month, whose months lie in schemas of their own."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"

UPGRADE = """
create schema marts_months;
create schema published_months;
comment on schema marts_months is 'Months of the partitioned tables of marts. Read and write the tables, not these.';
comment on schema published_months is 'Months of the partitioned tables of published; readers read the tables.';
grant create, usage on schema marts_months, published_months to fso_transformer;

create function ops.add_month_partitions(parent regclass, dates date[]) returns integer language plpgsql
set search_path = pg_catalog, pg_temp set datestyle = 'ISO' as $$
declare
    stem text;
    child text;
    month date;
    added integer := 0;
begin
    -- dbt builds marts.<name>__dbt_tmp beside marts.<name>, and renames it then.
    select format('%%I_months.', n.nspname) || split_part(c.relname, '__', 1) into stem
    from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
    where c.oid = parent and c.relkind = 'p';
    if not found then
        raise exception '%% is not partitioned by month', parent
        using hint = 'Make it anew: fso dbt build --full-refresh --select ' || split_part(parent::text, '.', 2);
    end if;
    for month in
        select date_trunc('month', day::timestamp)::date from unnest(dates) as day where day is not null
        except
        select substring(pg_get_expr(c.relpartbound, c.oid) from '\\d+-\\d\\d-\\d\\d')::date
        from pg_inherits as i join pg_class as c on c.oid = i.inhrelid where i.inhparent = parent
        order by 1
    loop
        child := stem || to_char(month, '_YYYY_MM');
        if to_regclass(child) is not null then  -- a month of the table that this one will replace
            child := child || '_' || parent::oid;
        end if;
        -- Attached, because a partition that is created in its place locks readers of the table out.
        execute format('create table %%s (like %%s including all)', child, parent);
        execute format('alter table %%s attach partition %%s for values from (%%L) to (%%L)',
            parent, child, month, (month + interval '1 month')::date);
        added := added + 1;
    end loop;
    return added;
end $$;
comment on function ops.add_month_partitions is
    'Makes the months of these dates that a table partitioned by month lacks, as its owner; returns how many.';
"""

DOWNGRADE = """
do $$
declare
    parent regclass;
begin
    -- Without their months they hold nothing; dbt makes them anew.
    for parent in
        select partrelid from pg_partitioned_table join pg_class as c on c.oid = partrelid
        where c.relnamespace in ('marts'::regnamespace, 'published'::regnamespace)
    loop
        execute format('drop table %%s cascade', parent);
    end loop;
end $$;
drop function ops.add_month_partitions;
drop schema marts_months, published_months;
"""


def upgrade() -> None:
    """Create the schemas of the months and the function that makes them."""
    op.get_bind().exec_driver_sql(UPGRADE)


def downgrade() -> None:
    """Drop them with the tables that they belong to."""
    op.get_bind().exec_driver_sql(DOWNGRADE)

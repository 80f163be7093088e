"""What dbt needs to build only what a day changes, and publish to compare only that."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"

BOOKS = """
create view ops.append_state as
with audited as (
    select partition_date, version, published_version is not distinct from version as is_clean
    from ops.partitions where audited_version = version
)
select
    (select md5(string_agg(partition_date || ':' || version, ',' order by partition_date)) from audited
        where is_clean) as clean_basis,
    (select md5(string_agg(partition_date || ':' || version, ',' order by partition_date)) from audited)
        as audited_basis,
    (select min(partition_date) from audited where not is_clean
        having count(*) = 1 and min(partition_date) > all (select partition_date from audited where is_clean))
        as appended_date;
comment on view ops.append_state is
    'Fingerprints of the days that are published and of those to build, and the day that these differ by when it '
    'is one day after all others: then a model may add it to what it holds.';

create table ops.model_builds (
    model text primary key,
    basis text,
    code text not null
);
comment on table ops.model_builds is
    'From which days (a fingerprint) and by which code a model that can append was built last.';

create table ops.dated_relations (
    relation text primary key,
    date_column text not null
);
comment on table ops.dated_relations is
    'Relations of marts and analytics whose changes are followed by date; built and published by date.';

create table ops.touched_dates (
    relation text not null references ops.dated_relations on delete cascade,
    touched_date date not null,
    primary key (relation, touched_date)
);
comment on table ops.touched_dates is
    'Dates of a dated relation whose rows changed since the last publish; infinity stands for all.';

create function ops.note_touched_dates() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
declare
    date_column text;
begin
    select dated.date_column into strict date_column from ops.dated_relations as dated
    where dated.relation = tg_table_name;
    execute format(
        'insert into ops.touched_dates select distinct %%L, %%I from touched where %%I is not null '
        'on conflict do nothing', tg_table_name, date_column, date_column);
    return null;
end $$;
comment on function ops.note_touched_dates is 'Trigger of dated relations: notes the dates of the rows that changed.';

grant select on ops.append_state, ops.model_builds, ops.dated_relations, ops.touched_dates to fso_transformer;
grant insert, update on ops.model_builds, ops.dated_relations to fso_transformer;
grant insert, delete on ops.touched_dates to fso_transformer;
"""


def upgrade() -> None:
    """Create the books and the trigger function."""
    op.get_bind().exec_driver_sql(BOOKS)


def downgrade() -> None:
    """Drop them; triggers that dbt made go with the function."""
    op.get_bind().exec_driver_sql(
        "drop function ops.note_touched_dates cascade; drop view ops.append_state; "
        "drop table ops.touched_dates, ops.dated_relations, ops.model_builds"
    )

"""Rejected rows keep their record as it stood in the file, and their corrections are kept beside them."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"

UPGRADE = """
alter table ops.runs
    drop constraint runs_status_check,
    add constraint runs_status_check check (status in ('running', 'published', 'loaded', 'failed'));
comment on column ops.runs.status is
    'running: holds the warehouse; loaded: files were loaded by hand, not checked or published.';

alter table ops.loads
    alter checksum drop not null,
    alter file_bytes drop not null,
    add error text,
    add file_columns text[],
    add extra_columns text[] not null default '{}',
    add rows_corrected bigint not null default 0,
    drop constraint loads_status_check,
    add constraint loads_status_check check (status in ('loaded', 'refused', 'failed')),
    add constraint loads_error_check check ((status = 'failed') = (error is not null));
comment on table ops.loads is
    'One row per file of every run. A refused or failed load changed nothing in staging; its counts or error say why.';
comment on column ops.loads.file_columns is 'Header of the file, in its order: what the fields of a raw record are.';
comment on column ops.loads.extra_columns is 'Columns of the file that the contract does not know; staging keeps them.';
comment on column ops.loads.rows_corrected is 'Records that were checked in the form of their correction.';

alter table quarantine.rejected_rows
    add source_file text,
    add run_id text,
    add status text not null default 'rejected' check (status in ('rejected', 'refused', 'corrected'));
alter table quarantine.rejected_rows alter raw_row type text using raw_row::text;
alter table quarantine.rejected_rows rename raw_row to raw_text;
update quarantine.rejected_rows as rejected
set source_file = load.source_file, run_id = load.run_id,
    status = case load.status when 'refused' then 'refused' else 'rejected' end
from ops.loads as load
where load.load_id = rejected.load_id;
alter table quarantine.rejected_rows
    alter source_file set not null,
    alter run_id set not null,
    alter status drop default;
comment on table quarantine.rejected_rows is 'Records that a load did not accept, as they came, with every reason.';
comment on column quarantine.rejected_rows.line_number is 'First line of the record in the file; the header is line 1.';
comment on column quarantine.rejected_rows.raw_text is
    'The record as it stood in the file; NUL and bytes that are not UTF-8 as escapes such as \\xff.';
comment on column quarantine.rejected_rows.status is
    'rejected: the rest was loaded; refused: nothing of its file was; corrected: a correction waits for the next load.';

create table quarantine.corrections (
    correction_id bigint generated always as identity primary key,
    partition_date date not null,
    domain text not null,
    table_name text not null,
    line_number bigint not null,
    raw_text text not null,
    corrected_text text not null,
    corrected_by text not null,
    corrected_at timestamptz not null default clock_timestamp(),
    reasons text[] not null,
    rejected_load_id bigint not null references ops.loads,
    status text not null default 'waiting' check (status in ('waiting', 'accepted', 'rejected', 'superseded')),
    load_id bigint references ops.loads
);
comment on table quarantine.corrections is
    'Corrected records: each load puts them in the place of the record with the same line and raw text.';
comment on column quarantine.corrections.reasons is 'Why the load rejected_load_id did not accept the record.';
comment on column quarantine.corrections.status is
    'What load_id, the last load that met it, did; superseded: gone from the file, or corrected anew before a load.';
create index corrections_by_partition on quarantine.corrections (partition_date, domain, table_name, line_number);

create view ops.published_loads as
select distinct on (partition_date, domain, table_name) loads.*
from ops.loads
join ops.partitions using (partition_date)
where published_version is not null
    and status = 'loaded' and loaded_at <= (select max(published_at) from ops.publishes)
order by partition_date, domain, table_name, load_id desc;
comment on view ops.published_loads is 'Of each published day and table, the load whose rows readers see.';

grant select on ops.published_loads to fso_loader, fso_transformer;
grant update on quarantine.rejected_rows to fso_loader;
grant select, insert, update on quarantine.corrections to fso_loader;
grant select on quarantine.corrections to fso_transformer;
"""

DOWNGRADE = """
update ops.runs set status = 'failed' where status = 'loaded';
alter table ops.runs
    drop constraint runs_status_check,
    add constraint runs_status_check check (status in ('running', 'published', 'failed'));
comment on column ops.runs.status is null;
drop view ops.published_loads;
drop table quarantine.corrections;
revoke update on quarantine.rejected_rows from fso_loader;
alter table quarantine.rejected_rows drop source_file, drop run_id, drop status;
alter table quarantine.rejected_rows rename raw_text to raw_row;
alter table quarantine.rejected_rows alter raw_row type jsonb using jsonb_build_object('raw_text', raw_row);
delete from ops.loads where status = 'failed';
alter table ops.loads
    drop constraint loads_error_check,
    drop constraint loads_status_check,
    add constraint loads_status_check check (status in ('loaded', 'refused')),
    drop error,
    drop file_columns,
    drop extra_columns,
    drop rows_corrected,
    alter checksum set not null,
    alter file_bytes set not null;
"""


def upgrade() -> None:
    """Change the books; rows that were rejected before keep their fields as JSON text."""
    op.get_bind().exec_driver_sql(UPGRADE)


def downgrade() -> None:
    """Change them back; corrections and failed loads are lost."""
    op.get_bind().exec_driver_sql(DOWNGRADE)

"""Schemas, roles with the least rights, and the tables that keep the books of each run."""

from __future__ import annotations

from alembic import op

from include.settings import ROLES, settings

revision = "0001"
down_revision = None

SCHEMAS = ("staging", "quarantine", "ops", "intermediate", "marts", "analytics", "published")

BOOKKEEPING = """
create table ops.runs (
    run_id text primary key,
    partition_date date not null,
    status text not null check (status in ('running', 'published', 'failed')),
    started_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz
);
comment on table ops.runs is 'One row per pipeline run; the running one holds the warehouse.';
create unique index runs_one_at_a_time on ops.runs (status) where status = 'running';

create table ops.partitions (
    partition_date date primary key,
    version integer not null,
    audited_version integer,
    published_version integer
);
comment on table ops.partitions is
    'State of each day: version counts its loads; audited and published say which version passed.';

create table ops.loads (
    load_id bigint generated always as identity primary key,
    run_id text not null,
    partition_date date not null,
    domain text not null,
    table_name text not null,
    source_file text not null,
    status text not null check (status in ('loaded', 'refused')),
    rows_read bigint not null,
    rows_accepted bigint not null,
    rows_rejected bigint not null,
    reasons jsonb not null,
    checksum text not null,
    file_bytes bigint not null,
    seconds double precision not null,
    loaded_at timestamptz not null default clock_timestamp(),
    check (rows_accepted + rows_rejected = rows_read)
);
comment on table ops.loads is
    'One row per file of every run. A refused load changed nothing in staging; its counts say what was found.';
create index loads_by_partition on ops.loads (partition_date, domain, table_name, load_id desc);

create table quarantine.rejected_rows (
    load_id bigint not null references ops.loads,
    line_number bigint not null,
    partition_date date not null,
    domain text not null,
    table_name text not null,
    raw_row jsonb not null,
    reasons text[] not null,
    primary key (load_id, line_number)
);
comment on table quarantine.rejected_rows is 'Rows that a load did not accept, as they came, with every reason.';

create table ops.checkpoints (
    checkpoint_id bigint generated always as identity primary key,
    run_id text not null,
    partition_date date not null,
    checkpoint text not null,
    success boolean not null,
    expectations integer not null,
    failed integer not null,
    failures jsonb not null,
    seconds double precision not null,
    checked_at timestamptz not null default clock_timestamp()
);
comment on table ops.checkpoints is 'One row per Great Expectations checkpoint of every run.';

create table ops.publishes (
    publish_id bigint generated always as identity primary key,
    run_id text not null,
    partition_date date not null,
    data_through_date date not null,
    relations jsonb not null,
    seconds double precision not null,
    published_at timestamptz not null default clock_timestamp()
);
comment on table ops.publishes is 'One row per publish: what readers see is the latest one.';

create view ops.audited_partitions as
select partition_date from ops.partitions where audited_version = version;
comment on view ops.audited_partitions is 'Days whose present load passed checkpoint_staging: all that dbt may read.';

create view ops.dirty_partitions as
select partition_date from ops.partitions where published_version is distinct from version;
comment on view ops.dirty_partitions is 'Days whose present load is not yet published: what dbt has to rebuild.';

create view published.publish_info as
select publish_id, data_through_date, published_at from ops.publishes order by publish_id desc limit 1;
comment on view published.publish_info is 'Which publish this is, and through which day the figures go.';
"""

GRANTS = """
grant create, usage on schema staging to fso_loader;
grant usage on schema ops, quarantine to fso_loader;
grant select, insert, update on ops.loads, ops.partitions, ops.runs to fso_loader;
grant select, insert, delete on quarantine.rejected_rows to fso_loader;
grant select on all tables in schema ops to fso_loader;

grant usage on schema staging, ops, quarantine to fso_transformer;
grant create, usage on schema intermediate, marts, analytics, published to fso_transformer;
grant select on all tables in schema ops, quarantine to fso_transformer;
grant insert on ops.checkpoints, ops.publishes to fso_transformer;
grant update on ops.partitions, ops.runs to fso_transformer;
alter default privileges for role fso_loader in schema staging grant select on tables to fso_transformer;

grant usage on schema published to fso_reader, fso_api;
grant select on published.publish_info to fso_reader, fso_api;
alter role fso_reader set search_path = published;
alter role fso_reader set default_transaction_read_only = on;
alter role fso_api set search_path = published;
alter role fso_api set default_transaction_read_only = on;
"""


def _execute(sql: str) -> None:
    """Run SQL as it stands: no colon or percent sign in it is a parameter."""
    op.get_bind().exec_driver_sql(sql)


def upgrade() -> None:
    """Create everything; the roles get their passwords from `database.migrate` at each migration."""
    for role in ROLES:
        # A role belongs to the server, so another database of it may have made it already.
        _execute(f"do $$ begin create role fso_{role}; exception when duplicate_object then null; end $$")
    database = settings().db_name
    roles = ", ".join(f"fso_{role}" for role in ROLES)
    _execute("revoke all on schema public from public")
    _execute(f'revoke all on database "{database}" from public')
    _execute(f'grant connect on database "{database}" to {roles}')
    _execute(f'grant temporary on database "{database}" to fso_loader, fso_transformer')
    for schema in SCHEMAS:
        _execute(f"create schema {schema}")
    _execute(BOOKKEEPING)
    _execute(GRANTS)


def downgrade() -> None:
    """Drop the schemas; the roles may serve other databases and stay."""
    for schema in reversed(SCHEMAS):
        _execute(f"drop schema {schema} cascade")

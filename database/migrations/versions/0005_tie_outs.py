"""Where what two systems tell of the same thing differs."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"

BOOKS = """
create table ops.tie_out (
    run_id text not null,
    partition_date date not null,
    tie_out text not null,
    event_date date not null,
    item_id text not null,
    left_amount numeric,
    right_amount numeric,
    difference numeric not null,
    explanation text,
    is_break boolean not null generated always as (explanation is null) stored,
    checked_at timestamptz not null default clock_timestamp(),
    primary key (run_id, tie_out, event_date, item_id)
);
comment on table ops.tie_out is
    'One row per item that differed between two systems, of the dates that a run compared. A break stops the publish.';
comment on column ops.tie_out.partition_date is 'Day that the run was about.';
comment on column ops.tie_out.left_amount is 'What the first of the two says: units or money; empty if it has nothing.';
comment on column ops.tie_out.right_amount is 'What the second one says.';
comment on column ops.tie_out.explanation is 'Why the difference is known to be none of ours; empty for a break.';
grant select on ops.tie_out to fso_loader, fso_transformer;
grant insert, delete on ops.tie_out to fso_transformer;
"""


def upgrade() -> None:
    """Create the table of differences."""
    op.get_bind().exec_driver_sql(BOOKS)


def downgrade() -> None:
    """Drop it."""
    op.get_bind().exec_driver_sql("drop table ops.tie_out")

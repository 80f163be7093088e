"""Readers see what was published, all of it or none of it, and nothing else."""

from __future__ import annotations

import threading
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

from database import partitions
from database.connection import engine
from database.partitions import NotHolder
from database.publish import PublishError, publish
from tests.warehouse import stores

DAY = date(2026, 1, 5)


def build(rows: int, value: int) -> None:
    """Two marts and an analytics relation, as dbt would leave them."""
    with engine("transformer").begin() as connection:
        for name in ("marts.dim_thing", "marts.fact_thing", "analytics.daily_thing"):
            connection.execute(text(f"drop table if exists {name}"))
            connection.execute(text(f"create table {name} (id int primary key, value int)"))
            connection.execute(text(f"insert into {name} select i, {value} from generate_series(1, {rows}) i"))


def run(name: str, *, let_through: bool = True, day: date = DAY) -> None:
    partitions.acquire(engine("loader"), name, day)
    with engine("loader").begin() as connection:
        partitions.mark_loaded(connection, day)
    try:
        if let_through:
            partitions.mark_audited(engine("transformer"), name, day)
            publish(engine("transformer"), name, day)
    finally:
        partitions.release(engine("loader"), name, "failed")


def as_reader(statement: str, role: str = "reader") -> list[tuple[object, ...]]:
    with engine(role).connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]


def test_readers_see_the_published_rows_and_which_publish_it_is(warehouse: Engine) -> None:
    build(3, 7)
    run("one")
    assert as_reader("select * from fact_thing order by id") == [(1, 7), (2, 7), (3, 7)]
    assert as_reader("select publish_id, data_through_date from publish_info") == [(1, DAY)]


def test_what_is_built_but_not_published_is_not_seen(warehouse: Engine) -> None:
    build(3, 7)
    run("one")
    build(5, 8)
    run("two", let_through=False)
    assert as_reader("select count(*), max(value) from fact_thing") == [(3, 7)]


def test_a_publish_follows_changed_added_removed_rows_and_new_shapes(warehouse: Engine) -> None:
    build(3, 7)
    run("one")
    build(2, 9)
    with engine("transformer").begin() as connection:
        connection.execute(text("alter table marts.dim_thing add column note text default 'new'"))
        connection.execute(text("drop table analytics.daily_thing"))
    run("two")
    assert as_reader("select * from fact_thing order by id") == [(1, 9), (2, 9)]
    assert as_reader("select distinct note from dim_thing") == [("new",)]
    assert as_reader("select to_regclass('published.daily_thing')") == [(None,)]


DATED = """
create table marts.fact_dated (id int primary key, day date not null, value int);
insert into ops.dated_relations values ('fact_dated', 'day') on conflict do nothing;
insert into ops.touched_dates values ('fact_dated', 'infinity');
create trigger note_inserted after insert on marts.fact_dated
referencing new table as touched for each statement execute function ops.note_touched_dates();
create trigger note_deleted after delete on marts.fact_dated
referencing old table as touched for each statement execute function ops.note_touched_dates();
insert into marts.fact_dated values (1, '2026-01-01', 7), (2, '2026-01-02', 7), (3, '2026-01-03', 7);
"""


def as_transformer(statements: str) -> None:
    with engine("transformer").begin() as connection:
        connection.execute(text(statements))


def test_of_a_dated_relation_the_dates_that_changed_are_published(warehouse: Engine) -> None:
    as_transformer(DATED)
    run("all of a new relation")
    assert as_reader("select id, value from fact_dated order by id") == [(1, 7), (2, 7), (3, 7)]
    as_transformer("delete from marts.fact_dated where id < 3")
    as_transformer("insert into marts.fact_dated values (2, '2026-01-02', 8), (4, '2026-01-04', 8)")
    # Behind the back of the triggers: proves that other dates are not even compared.
    as_transformer("update marts.fact_dated set value = 9 where id = 3")
    run("what changed")
    assert as_reader("select id, value from fact_dated order by id") == [(2, 8), (3, 7), (4, 8)]
    as_transformer("insert into ops.touched_dates values ('fact_dated', 'infinity')")
    run("all of it again")
    assert as_reader("select id, value from fact_dated order by id") == [(2, 8), (3, 9), (4, 8)]


def test_dates_that_changed_wait_for_a_publish_that_succeeds(warehouse: Engine) -> None:
    as_transformer(DATED)
    run("one")
    as_transformer("delete from marts.fact_dated where id = 1")
    run("failing", let_through=False)
    run("repaired")
    assert as_reader("select id from fact_dated order by id") == [(2,), (3,)]


def test_a_run_that_lost_the_warehouse_publishes_nothing(warehouse: Engine) -> None:
    build(3, 7)
    with pytest.raises(NotHolder):
        publish(engine("transformer"), "never began", DAY)
    assert as_reader("select count(*) from publish_info") == [(0,)]


def test_a_relation_without_a_key_stops_the_publish_of_all(warehouse: Engine) -> None:
    build(3, 7)
    with engine("transformer").begin() as connection:
        connection.execute(text("create table marts.keyless as select 1 as id"))
    with pytest.raises(PublishError, match=r"marts\.keyless has no primary key"):
        run("one")
    assert as_reader("select to_regclass('published.fact_thing')") == [(None,)]


def test_a_published_day_does_not_vanish_because_its_reload_failed(warehouse: Engine) -> None:
    other = date(2026, 1, 6)
    build(3, 7)
    run("one")
    run("failed reload", let_through=False)
    build(1, 8)
    with pytest.raises(PublishError, match="not passed: 2026-01-05"):
        run("next day", day=other)
    assert as_reader("select count(*), max(value) from fact_thing") == [(3, 7)]
    run("repaired")
    run("next day again", day=other)
    assert as_reader("select publish_id, data_through_date from publish_info") == [(3, other)]


def test_two_published_days_whose_reloads_failed_are_repaired_one_after_the_other(warehouse: Engine) -> None:
    other = date(2026, 1, 6)
    build(3, 7)
    run("one")
    run("two", day=other)
    run("failed reload", let_through=False)
    run("another failed reload", let_through=False, day=other)
    with pytest.raises(PublishError, match="not passed: 2026-01-06"):
        run("repaired")
    run("also repaired", day=other)
    assert as_reader("select publish_id, data_through_date from publish_info") == [(3, other)]


def test_loads_are_published_with_their_day(warehouse: Engine, tmp_path: Path) -> None:
    def published_loads() -> list[tuple[object, ...]]:
        statement = "select partition_date, rows_accepted from ops.published_loads order by 1"
        with engine("transformer").connect() as connection:
            return [tuple(row) for row in connection.execute(text(statement))]

    def run_stores(name: str, count: int, *, let_through: bool, day: date) -> None:
        stores.deliver(tmp_path, *stores.stores(count), day=day)
        partitions.acquire(engine("loader"), name, day)
        stores.load(tmp_path, day, name)
        if let_through:
            partitions.mark_audited(engine("transformer"), name, day)
            publish(engine("transformer"), name, day)
        partitions.release(engine("loader"), name, "failed")

    failed = date(2026, 1, 4)
    run_stores("failed", 1, let_through=False, day=failed)
    run_stores("published", 2, let_through=True, day=DAY)
    assert published_loads() == [(DAY, 2)]
    run_stores("failed reload", 3, let_through=False, day=DAY)
    assert published_loads() == [(DAY, 2)]
    run_stores("repaired reload", 4, let_through=True, day=DAY)
    run_stores("repaired", 5, let_through=True, day=failed)
    assert published_loads() == [(failed, 5), (DAY, 4)]


def test_a_polling_reader_sees_exactly_two_states(warehouse: Engine) -> None:
    state = (
        "select (select count(*) from dim_thing), (select sum(value) from fact_thing), "
        "(select sum(value) from daily_thing), (select publish_id from publish_info)"
    )
    first, second = (2000, 2000, 2000, 1), (3000, 6000, 6000, 2)
    build(2000, 1)
    run("one")
    build(3000, 2)
    seen, is_over = [], threading.Event()

    def poll() -> None:
        while not is_over.is_set():
            seen.extend(as_reader(state))

    reader = threading.Thread(target=poll)
    reader.start()
    run("failing", let_through=False)
    run("two")
    is_over.set()
    reader.join()
    assert len(seen) > 2
    seen.extend(as_reader(state))
    assert set(seen) == {first, second}
    # Never back to the first.
    assert seen == [first] * seen.count(first) + [second] * seen.count(second)


@pytest.mark.parametrize("schema", ["staging", "quarantine", "ops", "intermediate", "marts", "analytics"])
@pytest.mark.parametrize("role", ["reader", "api"])
def test_readers_reach_no_other_schema(warehouse: Engine, role: str, schema: str) -> None:
    build(1, 1)
    table = {
        "staging": "sales_stores",
        "quarantine": "rejected_rows",
        "ops": "runs",
        "marts": "fact_thing",
        "analytics": "daily_thing",
        "intermediate": "anything",
    }[schema]
    with pytest.raises(ProgrammingError, match=f"permission denied for schema {schema}"):
        as_reader(f"select * from {schema}.{table}", role)


@pytest.mark.parametrize(
    "statement",
    ["delete from fact_thing", "create table published.mine (id int)", "create temp table mine (id int)"],
)
def test_readers_cannot_write(warehouse: Engine, statement: str) -> None:
    build(1, 1)
    run("one")
    with engine("reader").begin() as connection:
        connection.execute(text("set transaction read write"))
        with pytest.raises(ProgrammingError, match=r"permission denied"):
            connection.execute(text(statement))


def test_the_api_reads_analytics_only(warehouse: Engine) -> None:
    build(1, 1)
    run("one")
    assert as_reader("select count(*) from daily_thing", "api") == [(1,)]
    with pytest.raises(ProgrammingError, match="permission denied for table fact_thing"):
        as_reader("select * from fact_thing", "api")

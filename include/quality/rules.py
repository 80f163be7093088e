"""What the modelled layers must satisfy: the one list of the rules of intermediate, marts and analytics.

Facts are judged for the days that the next publish changes; the rest was judged before it was published.
An event that several days deliver belongs to the first of them (analytics_platform/macros/incremental_facts.sql).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from include.contracts import Contract

SAME_ROW_COUNT = """
select partition_date, sum(staged) as staged, sum(modelled) as modelled
from (
    select partition_date, count(*) as staged, 0 as modelled
    from {staging_table} where partition_date in ({{days}}) group by partition_date
    union all
    select partition_date, 0, count(*) from {{batch}} group by partition_date
) counted
group by partition_date
having sum(staged) <> sum(modelled)
"""
# Half-open intervals in order: each ends no later than the next begins, and only the last may be open.
OVERLAP = """
select {key}, valid_from, valid_to, next_from
from (
    select {key}, valid_from, valid_to, lead(valid_from) over (partition by {key} order by valid_from) as next_from
    from {{batch}}
) versions
where valid_to <= valid_from or (next_from is not null and (valid_to is null or valid_to > next_from))
"""
CURRENT_VERSIONS = """
select {key}, count(*) filter (where is_last_version) as last_versions,
    count(*) filter (where is_current) as current_versions
from {{batch}}
group by {key}
having count(*) filter (where is_last_version) <> 1 or count(*) filter (where is_current) > 1
"""
LISTED_WITHOUT_VERSION = """
select listed.{key}
from {staging_table} as listed
where listed.partition_date = (select max(partition_date) from ops.audited_partitions)
  and not exists (select from {{batch}} where subselect.{key} = listed.{key} and subselect.is_current)
"""
FACT_TIE_OUT = """
select partition_date, sum(staged_rows) as staged_rows, sum(fact_rows) as fact_rows,
    sum(staged_amount) as staged_amount, sum(fact_amount) as fact_amount
from (
    select partition_date, count(*) as staged_rows, 0 as fact_rows,
        sum(coalesce({staged_amount}, 0)) as staged_amount, 0 as fact_amount
    from {staging_table} as staged
    where partition_date in ({{days}}) and not exists (
        select from {fact} as earlier
        where earlier.{fact_key} = staged.{staged_key} and earlier.partition_date < staged.partition_date)
    group by partition_date
    union all
    select partition_date, 0, count(*), 0, sum({fact_amount}) from {{batch}} group by partition_date
) both_sides
group by partition_date
having sum(staged_rows) <> sum(fact_rows) or sum(staged_amount) <> sum(fact_amount)
"""
UNKNOWN_KEY = """
select {key}, {reference}, {column}
from {{batch}}
where {reference} is not null
  and not exists (select from {dimension} as dimension where dimension.{dimension_key} = subselect.{column})
"""
DAILY_TIE_OUT = """
with touched as (select distinct {date}, {date_key} from {fact} where partition_date in ({{days}})),
facts as (
    select {date}, count(*) as fact_rows, sum({fact_amount}) as fact_amount
    from {fact} where {date_key} in (select {date_key} from touched) group by {date}),
daily as (
    select {date}, sum({daily_rows}) as daily_rows, sum({daily_amount}) as daily_amount
    from {{batch}} where {date} in (select {date} from touched) group by {date})
select {date}, sum(fact_rows) as fact_rows, sum(daily_rows) as daily_rows, sum(fact_amount) as fact_amount,
    sum(daily_amount) as daily_amount
from (
    select {date}, fact_rows, 0 as daily_rows, fact_amount, 0 as daily_amount from facts
    union all
    select {date}, 0, daily_rows, 0, daily_amount from daily
) both_sides
group by {date}
having sum(fact_rows) <> sum(daily_rows) or sum(fact_amount) <> sum(daily_amount)
"""


@dataclass(frozen=True)
class Rule:
    """A rule in SQL: the query, over `{batch}` (alias subselect) and `{days}`, returns what breaks it.

    The query does without the keyword for joins: with it, Great Expectations leaves `{batch}` without alias.
    """

    name: str
    expected: str
    sql: str
    column: str | None = None


@dataclass(frozen=True)
class TableRules:
    """What one table must satisfy."""

    table: str
    key: tuple[str, ...] = ()  # no two rows share it, and it has no nulls
    by_day: bool = False  # judge the rows of the days to publish, not the whole table
    min_rows: int = 1
    filled: tuple[str, ...] = ()  # other columns without nulls
    rules: tuple[Rule, ...] = ()


def _same_row_count(staging_table: str) -> Rule:
    sql = SAME_ROW_COUNT.format(staging_table=staging_table)
    return Rule("same_row_count", f"as many rows of each day as {staging_table}", sql)


def _versions(key: str) -> tuple[Rule, ...]:
    return (
        Rule("no_overlap", f"versions of one {key} that do not overlap", OVERLAP.format(key=key), key),
        Rule(
            "one_current_version",
            f"one last version per {key}, and at most one current one",
            CURRENT_VERSIONS.format(key=key),
            key,
        ),
    )


def _listed(key: str, staging_table: str) -> Rule:
    sql = LISTED_WITHOUT_VERSION.format(key=key, staging_table=staging_table)
    return Rule("listed_is_current", f"a current version of every {key} on the last audited list", sql, key)


def _known(
    key: str,
    column: str,
    *,
    dimension: str,
    dimension_key: str,
    reference: str,
) -> Rule:
    """Every row finds its dimension.

    Args:
        key: key of the fact.
        column: the fact's key of the dimension.
        dimension: table of the dimension.
        dimension_key: its key.
        reference: the source's column behind `column`; where it is null, nothing is referred to.
    """
    sql = UNKNOWN_KEY.format(
        key=key, reference=reference, column=column, dimension=dimension, dimension_key=dimension_key
    )
    return Rule("dimension_key", f"{column} of every row with {reference} to be in {dimension}", sql, column)


def intermediate_rules(contracts: Iterable[Contract]) -> list[TableRules]:
    """Rules of checkpoint_intermediate: each source table has its cleaned model, row by row."""
    cleaned = [
        TableRules(
            f"intermediate.stg_{contract.table}",
            by_day=True,
            min_rows=contract.min_rows,
            rules=(_same_row_count(f"staging.{contract.staging_table}"),),
        )
        for contract in contracts
    ]
    return [*cleaned, *INTERMEDIATE]


INTERMEDIATE = (
    TableRules(
        "intermediate.int_customer_versions",
        ("customer_key",),
        rules=(*_versions("customer_id"), _listed("customer_id", "intermediate.stg_customers")),
    ),
    TableRules(
        "intermediate.int_store_versions",
        ("store_id", "version_number"),
        rules=(*_versions("store_id"), _listed("store_id", "intermediate.stg_stores")),
    ),
    TableRules(
        "intermediate.int_account_versions",
        ("account_id", "version_number"),
        rules=(*_versions("account_id"), _listed("account_id", "intermediate.stg_accounts")),
    ),
    TableRules("intermediate.int_users_clean", ("user_id",)),
    # Joined with the owners of accounts: a movement must come out once.
    TableRules(
        "intermediate.int_transactions_clean",
        by_day=True,
        min_rows=0,
        rules=(_same_row_count("staging.finance_transactions"),),
    ),
)

MARTS = (
    TableRules("marts.dim_date", ("date_key",)),
    TableRules("marts.dim_region", ("region_id",)),
    TableRules("marts.dim_product", ("product_id",)),
    TableRules("marts.dim_store", ("store_id",)),
    TableRules("marts.dim_merchant", ("merchant_key",)),
    TableRules(
        "marts.dim_customer",
        ("customer_key",),
        rules=(*_versions("customer_id"), _listed("customer_id", "intermediate.stg_customers")),
    ),
    TableRules(
        "marts.fact_sales",
        ("sale_id",),
        by_day=True,
        min_rows=0,  # 0 when earlier days delivered all of it; the tie-out says whether 0 is right
        filled=("region_id",),
        rules=(
            Rule(
                "tie_out",
                "rows and revenue of each day as in staging.sales_sales_transactions",
                FACT_TIE_OUT.format(
                    staging_table="staging.sales_sales_transactions",
                    staged_key="transaction_id",
                    staged_amount="revenue_amount",
                    fact="marts.fact_sales",
                    fact_key="sale_id",
                    fact_amount="revenue",
                ),
                "revenue",
            ),
            _known(
                "sale_id",
                "customer_key",
                dimension="marts.dim_customer",
                dimension_key="customer_key",
                reference="customer_id",
            ),
            _known(
                "sale_id",
                "product_id",
                dimension="marts.dim_product",
                dimension_key="product_id",
                reference="product_id",
            ),
            _known(
                "sale_id",
                "store_id",
                dimension="marts.dim_store",
                dimension_key="store_id",
                reference="store_id",
            ),
            _known("sale_id", "date_id", dimension="marts.dim_date", dimension_key="date_key", reference="sale_date"),
        ),
    ),
    TableRules(
        "marts.fact_transactions",
        ("transaction_id",),
        by_day=True,
        min_rows=0,
        rules=(
            Rule(
                "tie_out",
                "rows and amount of each day as in staging.finance_transactions",
                FACT_TIE_OUT.format(
                    staging_table="staging.finance_transactions",
                    staged_key="transaction_id",
                    staged_amount="transaction_amount",
                    fact="marts.fact_transactions",
                    fact_key="transaction_id",
                    fact_amount="transaction_amount",
                ),
                "transaction_amount",
            ),
            _known(
                "transaction_id",
                "customer_key",
                dimension="marts.dim_customer",
                dimension_key="customer_key",
                reference="account_id",
            ),
            _known(
                "transaction_id",
                "merchant_key",
                dimension="marts.dim_merchant",
                dimension_key="merchant_key",
                reference="merchant_id",
            ),
            _known(
                "transaction_id",
                "date_key",
                dimension="marts.dim_date",
                dimension_key="date_key",
                reference="transaction_date",
            ),
        ),
    ),
    TableRules("marts.fact_onboarding", ("onboarding_id",)),
    TableRules(
        "analytics.daily_sales",
        ("sale_date", "region_id"),
        rules=(
            Rule(
                "tie_out",
                "lines and revenue of each touched day as in marts.fact_sales",
                DAILY_TIE_OUT.format(
                    date="sale_date",
                    date_key="date_id",
                    fact="marts.fact_sales",
                    fact_amount="revenue",
                    daily_rows="order_lines",
                    daily_amount="revenue",
                ),
                "revenue",
            ),
        ),
    ),
    TableRules("analytics.daily_kyc", ("kyc_date",)),
    TableRules(
        "analytics.daily_transactions",
        ("transaction_date",),
        rules=(
            Rule(
                "tie_out",
                "attempts and posted amount of each touched day as in marts.fact_transactions",
                DAILY_TIE_OUT.format(
                    date="transaction_date",
                    date_key="date_key",
                    fact="marts.fact_transactions",
                    fact_amount="posted_amount_abs",
                    daily_rows="attempt_count",
                    daily_amount="volume_amount",
                ),
                "volume_amount",
            ),
        ),
    ),
)

"""Rules of the relations that answer questions: their monthly sums are those of the days."""

from __future__ import annotations

from include.quality.rules.rule import Rule, TableRules

MONTHLY_TIE_OUT = """
with daily as (
    select cast(date_trunc('month', {date}) as date) as month_date, sum({daily_amount}) as amount
    from {daily} group by 1),
monthly as (
    select month_date, breakdown, coalesce(sum({amount}), 0) as amount
    from {{batch}} where {judged} group by month_date, breakdown),
compared as (
    select month_date, breakdown, amount,
        coalesce((select daily.amount from daily where daily.month_date = monthly.month_date), 0) as daily_amount
    from monthly)
select * from compared where amount <> daily_amount
"""


def _as_daily(amount: str, daily: str, date: str, daily_amount: str, judged: str = "true") -> Rule:
    """Each breakdown of a month (of rows that meet `judged`) adds up to the days of the month."""
    sql = MONTHLY_TIE_OUT.format(amount=amount, daily=daily, date=date, daily_amount=daily_amount, judged=judged)
    return Rule("tie_out", f"{amount} of each month and breakdown as in {daily}", sql, amount)


MARTS = (
    TableRules(
        "analytics.sales_breakdowns",
        ("month_date", "breakdown", "member"),
        rules=(_as_daily("revenue", "analytics.daily_sales", "sale_date", "revenue"),),
    ),
    TableRules(
        "analytics.transaction_breakdowns",
        ("month_date", "breakdown", "member"),
        rules=(_as_daily("volume_amount", "analytics.daily_transactions", "transaction_date", "volume_amount"),),
    ),
    TableRules(
        "analytics.descriptive_analytics",
        ("month_date", "breakdown", "member"),
        # Movements of no known customer are in the total, but in no group of customers.
        rules=(
            _as_daily(
                "revenue",
                "analytics.daily_sales",
                "sale_date",
                "revenue",
                "breakdown in ('total', 'region', 'segment', 'category', 'sales_channel')",
            ),
        ),
    ),
)

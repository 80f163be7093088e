"""Rules of the modelled tables of customers; dbt judges the daily ones, which grow by every customer each day."""

from __future__ import annotations

from include.quality.rules.rule import Rule, TableRules, revenue_as_daily

CURRENT_WITHOUT_ROW = """
select customer_id
from marts.dim_customer as customers
where is_current and not exists (select from {batch} where subselect.customer_id = customers.customer_id)
"""
LISTED = Rule("every_customer", "every customer of the last list", CURRENT_WITHOUT_ROW, "customer_id")

MARTS = (
    TableRules("marts.customer_crosswalk", ("customer_id", "source_system", "source_id")),
    TableRules("marts.fact_customer_monthly", ("month_date", "customer_id")),
    TableRules(
        "analytics.predictive_analytics",
        ("customer_id",),
        filled=("churn_risk_score", "customer_lifetime_value", "fraud_risk_score", "credit_risk_score"),
        rules=(LISTED,),
    ),
    TableRules("analytics.customer_performance", ("customer_id",), rules=(LISTED,)),
    TableRules("analytics.retention_cohorts", ("cohort_month", "months_since")),
    TableRules(
        "analytics.customer_kpis_monthly",
        ("month_date",),
        rules=(revenue_as_daily(),),
    ),
)

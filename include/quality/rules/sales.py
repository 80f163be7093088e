"""Rules of the modelled tables of sales."""

from __future__ import annotations

from include.quality.rules.rule import (
    DAILY_TIE_OUT,
    FACT_TIE_OUT,
    Rule,
    TableRules,
    known,
    listed,
    revenue_as_daily,
    versions,
)

INTERMEDIATE = (
    TableRules(
        "intermediate.int_customer_versions",
        ("customer_key",),
        rules=(*versions("customer_id"), listed("customer_id", "intermediate.stg_customers")),
    ),
    TableRules(
        "intermediate.int_store_versions",
        ("store_id", "version_number"),
        rules=(*versions("store_id"), listed("store_id", "intermediate.stg_stores")),
    ),
    TableRules(
        "intermediate.int_campaign_versions",
        ("campaign_id", "version_number"),
        rules=(*versions("campaign_id"), listed("campaign_id", "intermediate.stg_marketing_campaigns")),
    ),
)

MARTS = (
    TableRules("marts.dim_campaign", ("campaign_id",)),
    TableRules("marts.dim_product", ("product_id",)),
    TableRules("marts.dim_store", ("store_id",)),
    TableRules(
        "marts.fact_campaign_touches",
        ("touch_id",),
        by_day=True,
        min_rows=0,
        rules=(
            Rule(
                "tie_out",
                "rows and cost of each day as in staging.sales_campaign_touches",
                FACT_TIE_OUT.format(
                    staging_table="staging.sales_campaign_touches",
                    staged_key="touch_id",
                    staged_amount="cost_amount",
                    fact="marts.fact_campaign_touches",
                    fact_key="touch_id",
                    fact_amount="cost_amount",
                ),
                "cost_amount",
            ),
            known(
                "touch_id",
                "customer_key",
                dimension="marts.dim_customer",
                dimension_key="customer_key",
                reference="customer_id",
            ),
            known(
                "touch_id",
                "campaign_id",
                dimension="marts.dim_campaign",
                dimension_key="campaign_id",
                reference="campaign_id",
            ),
        ),
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
            known(
                "sale_id",
                "customer_key",
                dimension="marts.dim_customer",
                dimension_key="customer_key",
                reference="customer_id",
            ),
            known(
                "sale_id",
                "product_id",
                dimension="marts.dim_product",
                dimension_key="product_id",
                reference="product_id",
            ),
            known(
                "sale_id",
                "store_id",
                dimension="marts.dim_store",
                dimension_key="store_id",
                reference="store_id",
            ),
            known("sale_id", "date_id", dimension="marts.dim_date", dimension_key="date_key", reference="sale_date"),
        ),
    ),
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
    TableRules("analytics.buyers_by_period", ("period_type", "period_start_date")),
    TableRules("analytics.campaign_performance", ("campaign_id",)),
    TableRules("analytics.daily_campaign_touches", ("touch_date", "campaign_id"), min_rows=0),
    TableRules("analytics.product_performance", ("month_date", "product_id"), rules=(revenue_as_daily(),)),
    TableRules(
        "analytics.revenue_time_series",
        ("period_type", "period_start_date"),
        rules=(revenue_as_daily("period_start_date", "period_type = 'month'"),),
    ),
    TableRules("analytics.sales_geography", ("month_date", "store_id"), rules=(revenue_as_daily(),)),
    TableRules("analytics.store_sales_monthly", ("month_date", "store_id")),
)

"""Rules of the modelled tables of operations."""

from __future__ import annotations

from include.quality.rules.rule import FACT_TIE_OUT, Rule, TableRules, known, same_row_count

# A row that is made of several events tells of all of them.
EVENTS_OF_SHIPMENT = """
select shipment_id, shipping_cost_amount
from {batch}
where not exists (
    select count(*) from intermediate.int_shipment_events as events where events.shipment_id = subselect.shipment_id
    having count(*) = num_nonnulls(subselect.shipped_at, subselect.delivered_at, subselect.returned_at)
        and sum(events.shipping_cost_amount) = subselect.shipping_cost_amount)
"""
EVENTS_OF_ALERT = """
select alert_id, alert_status
from {batch}
where not exists (
    select from intermediate.int_fraud_alert_events as events
    where events.alert_id = subselect.alert_id and events.alert_status = subselect.alert_status)
"""
STOCK_BALANCE = """
select inventory_date, product_id, region_id, closing_units
from {batch}
where closing_units <> opening_units + received_units + returned_units - shipped_units - written_off_units
"""

INTERMEDIATE = (
    TableRules("intermediate.int_users_clean", ("user_id",)),
    TableRules(
        "intermediate.int_shipment_events",
        ("shipment_event_id",),
        by_day=True,
        min_rows=0,
        rules=(
            Rule(
                "tie_out",
                "rows and units of each day as in staging.operations_shipments",
                FACT_TIE_OUT.format(
                    staging_table="staging.operations_shipments",
                    staged_key="shipment_id || '-' || staged.shipment_event",
                    staged_amount="quantity",
                    fact="intermediate.int_shipment_events",
                    fact_key="shipment_event_id",
                    fact_amount="quantity",
                ),
                "quantity",
            ),
        ),
    ),
    TableRules(
        "intermediate.int_fraud_alert_events",
        ("alert_event_id",),
        by_day=True,
        min_rows=0,
        rules=(
            Rule(
                "tie_out",
                "rows and losses of each day as in staging.operations_fraud_alerts",
                FACT_TIE_OUT.format(
                    staging_table="staging.operations_fraud_alerts",
                    staged_key="alert_id || '-' || staged.alert_status",
                    staged_amount="loss_amount",
                    fact="intermediate.int_fraud_alert_events",
                    fact_key="alert_event_id",
                    fact_amount="coalesce(loss_amount, 0)",
                ),
                "loss_amount",
            ),
        ),
    ),
)

MARTS = (
    TableRules("marts.fact_onboarding", ("onboarding_id",)),
    TableRules(
        "marts.fact_shipments",
        ("shipment_id",),
        by_day=True,
        min_rows=0,
        filled=("sold_date", "region_id"),
        rules=(
            Rule(
                "events",
                "as many moments, and the cost, of the shipment's events in intermediate.int_shipment_events",
                EVENTS_OF_SHIPMENT,
                "shipping_cost_amount",
            ),
            known(
                "shipment_id",
                "product_id",
                dimension="marts.dim_product",
                dimension_key="product_id",
                reference="product_id",
            ),
            known(
                "shipment_id",
                "store_id",
                dimension="marts.dim_store",
                dimension_key="store_id",
                reference="store_id",
            ),
        ),
    ),
    TableRules(
        "marts.fact_fraud_alerts",
        ("alert_id",),
        by_day=True,
        min_rows=0,
        filled=("alert_date",),
        rules=(
            Rule(
                "events",
                "a state that an event of the alert in intermediate.int_fraud_alert_events has brought about",
                EVENTS_OF_ALERT,
                "alert_status",
            ),
        ),
    ),
    TableRules(
        "marts.fact_inventory_daily",
        ("inventory_date", "product_id", "region_id"),
        by_day=True,
        rules=(
            same_row_count("staging.operations_inventory_levels"),
            Rule("balance", "opening units and what moved to give closing units", STOCK_BALANCE, "closing_units"),
            known(
                "product_id",
                "product_id",
                dimension="marts.dim_product",
                dimension_key="product_id",
                reference="product_id",
            ),
        ),
    ),
    TableRules(
        "marts.fact_interactions",
        ("interaction_id",),
        by_day=True,
        min_rows=0,
        rules=(
            Rule(
                "tie_out",
                "rows and seconds of each day as in staging.operations_customer_interactions",
                FACT_TIE_OUT.format(
                    staging_table="staging.operations_customer_interactions",
                    staged_key="interaction_id",
                    staged_amount="duration_seconds",
                    fact="marts.fact_interactions",
                    fact_key="interaction_id",
                    fact_amount="duration_seconds",
                ),
                "duration_seconds",
            ),
            known(
                "interaction_id",
                "customer_key",
                dimension="marts.dim_customer",
                dimension_key="customer_key",
                reference="customer_id",
            ),
        ),
    ),
    TableRules("analytics.daily_kyc", ("kyc_date",)),
    TableRules("analytics.delivery_performance", ("month_date", "carrier"), min_rows=0),
    TableRules("analytics.inventory_health", ("product_id", "region_id")),
    TableRules("analytics.kyc_behaviour", ("kyc_status",)),
    TableRules("analytics.support_performance", ("month_date", "topic", "channel"), min_rows=0),
)

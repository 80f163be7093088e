"""Rules of the modelled tables of what all domains look up."""

from __future__ import annotations

from include.quality.rules.rule import TableRules, listed, versions

MARTS = (
    TableRules("marts.dim_date", ("date_key",)),
    TableRules("marts.dim_region", ("region_id",)),
    TableRules(
        "marts.dim_customer",
        ("customer_key",),
        rules=(*versions("customer_id"), listed("customer_id", "intermediate.stg_customers")),
    ),
)

"""Rules of the modelled tables of finance."""

from __future__ import annotations

from include.quality.rules.rule import (
    DAILY_TIE_OUT,
    FACT_TIE_OUT,
    Rule,
    TableRules,
    known,
    listed,
    same_row_count,
    versions,
)

INTERMEDIATE = (
    TableRules(
        "intermediate.int_account_versions",
        ("account_id", "version_number"),
        rules=(*versions("account_id"), listed("account_id", "intermediate.stg_accounts")),
    ),
    # Joined with the owners of accounts: a movement must come out once.
    TableRules(
        "intermediate.int_transactions_clean",
        by_day=True,
        min_rows=0,
        rules=(same_row_count("staging.finance_transactions"),),
    ),
)

MARTS = (
    TableRules("marts.dim_merchant", ("merchant_key",)),
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
            known(
                "transaction_id",
                "customer_key",
                dimension="marts.dim_customer",
                dimension_key="customer_key",
                reference="account_id",
            ),
            known(
                "transaction_id",
                "merchant_key",
                dimension="marts.dim_merchant",
                dimension_key="merchant_key",
                reference="merchant_id",
            ),
            known(
                "transaction_id",
                "date_key",
                dimension="marts.dim_date",
                dimension_key="date_key",
                reference="transaction_date",
            ),
        ),
    ),
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

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

# Income is credited, cost and expense are debited; the balance sheet is no part of the profit.
PROFIT_TIE_OUT = """
select month_date, sum(stated) as stated, sum(posted) as posted
from (
    select month_date, operating_profit_amount as stated, 0 as posted from {batch}
    union all
    select month_date, 0, -net_amount from marts.fact_ledger_monthly where gl_account >= '4000'
) both_sides
group by month_date
having sum(stated) <> sum(posted)
"""

INTERMEDIATE = (
    TableRules(
        "intermediate.int_account_versions",
        ("account_id", "version_number"),
        rules=(*versions("account_id"), listed("account_id", "intermediate.stg_accounts")),
    ),
    TableRules(
        "intermediate.int_credit_application_versions",
        ("application_id", "version_number"),
        min_rows=0,
        rules=(*versions("application_id"), listed("application_id", "intermediate.stg_credit_applications")),
    ),
    TableRules(
        "intermediate.int_budget_versions",
        ("budget_id", "version_number"),
        rules=(*versions("budget_id"), listed("budget_id", "intermediate.stg_budgets")),
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
    TableRules("marts.dim_account", ("account_id",)),
    TableRules("marts.dim_cost_center", ("cost_center",), filled=("budget_center",)),
    TableRules("marts.dim_gl_account", ("gl_account",)),
    TableRules("marts.dim_merchant", ("merchant_key",)),
    TableRules("marts.fact_budgets", ("budget_month", "gl_account", "cost_center")),
    TableRules("marts.fact_credit_applications", ("application_id",), min_rows=0),
    TableRules("marts.fact_economic_indicators", ("indicator", "indicator_date"), by_day=True, min_rows=0),
    TableRules(
        "marts.fact_ledger",
        ("ledger_entry_id",),
        by_day=True,
        min_rows=0,
        rules=(
            Rule(
                "tie_out",
                "rows and debits of each day as in staging.finance_gl_entries",
                FACT_TIE_OUT.format(
                    staging_table="staging.finance_gl_entries",
                    staged_key="journal_id || '-' || staged.journal_line",
                    staged_amount="debit_amount",
                    fact="marts.fact_ledger",
                    fact_key="ledger_entry_id",
                    fact_amount="debit_amount",
                ),
                "debit_amount",
            ),
            known(
                "ledger_entry_id",
                "gl_account",
                dimension="marts.dim_gl_account",
                dimension_key="gl_account",
                reference="gl_account",
            ),
        ),
    ),
    TableRules(
        "marts.fact_loan_payments",
        ("payment_id",),
        by_day=True,
        min_rows=0,
        rules=(
            Rule(
                "tie_out",
                "rows and paid amount of each day as in staging.finance_loan_payments",
                FACT_TIE_OUT.format(
                    staging_table="staging.finance_loan_payments",
                    staged_key="payment_id",
                    staged_amount="paid_amount",
                    fact="marts.fact_loan_payments",
                    fact_key="payment_id",
                    fact_amount="paid_amount",
                ),
                "paid_amount",
            ),
            known(
                "payment_id",
                "customer_key",
                dimension="marts.dim_customer",
                dimension_key="customer_key",
                reference="customer_id",
            ),
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
    TableRules("analytics.budget_versus_actual", ("month_date", "gl_account", "cost_center")),
    TableRules("analytics.credit_decisions", ("month_date", "score_band", "product_type"), min_rows=0),
    TableRules("analytics.loan_performance", ("month_date", "score_band", "product_type"), min_rows=0),
    TableRules(
        "analytics.monthly_profit_and_loss",
        ("month_date", "cost_center"),
        rules=(
            Rule(
                "tie_out",
                "profit of each month as in marts.fact_ledger_monthly",
                PROFIT_TIE_OUT,
                "operating_profit_amount",
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

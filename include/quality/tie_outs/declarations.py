"""The tie-outs of the company: sales, shipments, bank and ledger."""

from __future__ import annotations

from include.quality.tie_outs.tie_out import Side, TieOut

# A sold line leaves us on its day or on one of the next two.
DAYS_TO_SHIP = 2

SOLD_UNITS = Side(
    """
    select sale_date as event_date, sale_id as item_id, quantity::numeric as amount, is_late,
        array[product_id, store_id, quantity::text] as traits
    from marts.fact_sales where sale_date {dates}
    """,
    "sales.sales_transactions",
    "transaction_id",
)
# Kept by the customer or returned since: more than was shipped cannot come back.
SHIPPED_UNITS = Side(
    """
    select sold_date as event_date, sale_id as item_id,
        sum(greatest(quantity, returned_quantity))::numeric as amount, false as is_late,
        array[min(product_id), min(store_id), sum(quantity)::text] as traits
    from marts.fact_shipments where sold_date {dates} group by sold_date, sale_id
    """,
    "operations.shipments",
    "transaction_id",
)
REVENUE = Side(
    """
    select sale_date as event_date, sale_id as item_id, case when not is_revenue_imputed then revenue end as amount,
        is_late, array[store_id, revenue::text] as traits
    from marts.fact_sales where sale_date {dates}
    """,
    "sales.sales_transactions",
    "transaction_id",
)
CARD_SALES = Side(
    """
    select sale_date as event_date, sale_id as item_id, revenue as amount, is_late,
        array[card_account_id, (-revenue)::text] as traits
    from marts.fact_sales where card_account_id is not null and sale_date {dates}
    """,
    "sales.sales_transactions",
    "transaction_id",
)
# Of sales that are known: what came back of others is told by `sales_shipped`.
RETURNED_REVENUE = Side(
    """
    select shipment.returned_date as event_date, sale.sale_id as item_id,
        round(sale.revenue * shipment.returned_quantity / sale.quantity, 2) as amount, false as is_late,
        array[sale.store_id, sale.revenue::text] as traits
    from marts.fact_shipments shipment
    join marts.fact_sales sale on sale.sale_id = shipment.sale_id and sale.sale_date = shipment.sold_date
    where shipment.returned_date {dates}
    """,
    "operations.shipments",
    "transaction_id",
)
# The ids as an array, so that they are looked up in the index of each month, however many sales there are.
BOOKED_RETURNS = Side(
    """
    select entry.posting_date as event_date, sale.sale_id as item_id, sum(entry.net_amount) as amount,
        bool_or(entry.is_late) as is_late,
        array[min(sale.product_id), min(sale.store_id), min(sale.quantity)::text] as traits
    from marts.fact_ledger entry
    join marts.fact_sales sale on sale.sale_id = entry.document_id
    where entry.gl_account = '4050' and entry.document_type = 'sale_return' and entry.posting_date {dates}
        and sale.sale_id = any(array(
            select document_id from marts.fact_ledger where gl_account = '4050' and posting_date {dates}))
    group by entry.posting_date, sale.sale_id
    """,
    "finance.gl_entries",
    "document_id",
)
INSTALMENTS = Side(
    """
    select event_date, payment_id as item_id, paid_amount as amount, is_late,
        array[account_id, (-paid_amount)::text] as traits
    from marts.fact_loan_payments where event_date {dates}
    """,
    "finance.loan_payments",
    "payment_id",
)


def _booked(account: str, document_type: str, amount: str) -> Side:
    """What the ledger has on an account, by document."""
    return Side(
        f"""
        select posting_date as event_date, document_id as item_id, sum({amount}) as amount, bool_or(is_late) as is_late,
            array[min(cost_center), sum({amount})::text] as traits
        from marts.fact_ledger
        where gl_account = '{account}' and document_type = '{document_type}' and posting_date {{dates}}
        group by posting_date, document_id
        """,
        "finance.gl_entries",
        "document_id",
    )


def _moved(transaction_type: str, amount: str) -> Side:
    """What the bank has carried out to settle something, by what it settles."""
    return Side(
        f"""
        select transaction_date as event_date, reference as item_id, sum({amount}) as amount,
            bool_or(is_late) as is_late, array[min(account_id), sum({amount})::text] as traits
        from marts.fact_transactions
        where transaction_type = '{transaction_type}' and reference is not null and transaction_date {{dates}}
        group by transaction_date, reference
        """,
        "finance.transactions",
        "reference",
    )


def _journals(amount: str) -> Side:
    """One side of each journal."""
    return Side(
        f"""
        select posting_date as event_date, journal_id as item_id, sum({amount}) as amount, bool_or(is_late) as is_late,
            array[abs(sum(net_amount))::text] as traits
        from marts.fact_ledger where posting_date {{dates}} group by posting_date, journal_id
        """,
        "finance.gl_entries",
        "journal_id",
    )


# As published, and as of the day before with what was posted since. A new account brings its opening balance and what
# moved before it was listed: such a movement came late, and has no balance on its own date.
CLOSING_BALANCES = Side(
    """
    select snapshot_date as event_date, account_id as item_id, closing_balance_amount as amount, false as is_late,
        null::text[] as traits
    from marts.fact_account_daily_snapshot where snapshot_date {dates}
    """
)
MOVED_BALANCES = Side(
    """
    select event_date, item_id, sum(amount) as amount, bool_and(is_late) as is_late, null::text[] as traits
    from (
        select eve.snapshot_date + 1 as event_date, eve.account_id as item_id,
            eve.closing_balance_amount
                + coalesce(today.opening_balance_amount - eve.opening_balance_amount, 0) as amount, false as is_late
        from marts.fact_account_daily_snapshot eve
        left join marts.fact_account_daily_snapshot today
            on today.snapshot_date = eve.snapshot_date + 1 and today.account_id = eve.account_id
        where eve.snapshot_date {eves} and eve.snapshot_date < (select max(partition_date) from ops.audited_partitions)
        union all
        select transaction_date, account_id, posted_amount, is_late
        from marts.fact_transactions where transaction_date {dates}
        union all
        select today.snapshot_date, today.account_id, today.opening_balance_amount + coalesce((
            select sum(posted_amount) from marts.fact_transactions earlier
            where earlier.account_id = today.account_id and earlier.transaction_date < today.snapshot_date), 0), false
        from marts.fact_account_daily_snapshot today
        where today.snapshot_date {dates} and not exists (
            select from marts.fact_account_daily_snapshot eve
            where eve.snapshot_date = today.snapshot_date - 1 and eve.account_id = today.account_id)
    ) parts
    group by event_date, item_id
    """
)
LEDGER_BALANCES = Side(
    """
    select balance_date as event_date, gl_account as item_id, closing_amount as amount, false as is_late,
        null::text[] as traits
    from analytics.daily_ledger_balances where balance_date {dates}
    """
)
POSTED_BALANCES = Side(
    """
    select event_date, item_id, sum(amount) as amount, false as is_late, null::text[] as traits
    from (
        select balance_date + 1 as event_date, gl_account as item_id, closing_amount as amount
        from analytics.daily_ledger_balances
        where balance_date {eves} and balance_date < (select max(balance_date) from analytics.daily_ledger_balances)
        union all
        select posting_date, gl_account, net_amount from marts.fact_ledger where posting_date {dates}
    ) parts
    group by event_date, item_id
    """
)

TIE_OUTS = (
    TieOut(
        "sales_shipped",
        "the units of each sold line to be those shipped, whether kept or returned since",
        ("fact_sales", "fact_shipments"),
        SOLD_UNITS,
        SHIPPED_UNITS,
        days_after=DAYS_TO_SHIP,
    ),
    TieOut(
        "sales_booked",
        "the revenue of each sold line on account 4000 of the ledger",
        ("fact_sales", "fact_ledger"),
        REVENUE,
        _booked("4000", "sale", "-net_amount"),
    ),
    TieOut(
        "returns_booked",
        "the revenue of what came back on account 4050 of the ledger",
        ("fact_ledger", "int_shipment_events"),
        RETURNED_REVENUE,
        BOOKED_RETURNS,
    ),
    TieOut(
        "card_sales_paid",
        "each sale on a card of ours as a posted purchase at the bank",
        ("fact_sales", "fact_transactions"),
        CARD_SALES,
        _moved("purchase", "-posted_amount"),
    ),
    TieOut(
        "card_refunds_paid",
        "what the ledger owes cards of ours for returns as a posted refund at the bank",
        ("fact_ledger", "fact_transactions"),
        _booked("2000", "sale_return", "-net_amount"),
        _moved("refund", "posted_amount"),
    ),
    TieOut(
        "instalments_paid",
        "each instalment paid as a posted transfer at the bank",
        ("fact_loan_payments", "fact_transactions"),
        INSTALMENTS,
        _moved("transfer", "-posted_amount"),
    ),
    TieOut(
        "instalments_booked",
        "each instalment paid on account 2000 of the ledger",
        ("fact_loan_payments", "fact_ledger"),
        INSTALMENTS,
        _booked("2000", "loan_payment", "net_amount"),
    ),
    TieOut(
        "journals_balance",
        "debits equal to credits in each journal",
        ("fact_ledger",),
        _journals("debit_amount"),
        _journals("credit_amount"),
        adds_up=True,
    ),
    TieOut(
        "ledger_balances",
        "the balance of each account of the ledger to be that of the day before and the day's postings",
        ("fact_ledger", "daily_ledger_balances"),
        LEDGER_BALANCES,
        POSTED_BALANCES,
    ),
    TieOut(
        "account_balances",
        "the balance of each bank account to be its opening balance and all movements up to the day",
        ("fact_transactions", "fact_account_daily_snapshot"),
        CLOSING_BALANCES,
        MOVED_BALANCES,
    ),
)

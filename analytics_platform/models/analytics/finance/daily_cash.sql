{% set first_day = first_touched('fact_ledger', 'cash_date') %}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_from_first_touched('cash_date', 'fact_ledger') }}",
    post_hook="{{ follow_dates('cash_date') }}",
) }}

-- How much cash came in and went out on each day, by what, and how much has gathered since the first loaded day?
with moved as (
    select
        posting_date as cash_date,
        sum(debit_amount) as inflow_amount,
        sum(credit_amount) as outflow_amount,
        sum(net_amount) as net_cash_amount,
        {% for source in ['sale', 'sale_return', 'bank_transactions', 'marketing', 'shipping', 'rent', 'payroll'] %}
            coalesce(sum(net_amount) filter (where document_type = '{{ source }}'), 0) as {{ source }}_amount,
        {% endfor %}
        count(*) as entry_count
    from {{ ref('fact_ledger') }}
    where gl_account = '1000' and posting_date >= {{ first_day }}
    group by posting_date
),

gathered as (
    select
        *,
        sum(net_cash_amount) over (order by cash_date)
        {% if is_incremental() %}
            + coalesce((
                select held.closing_cash_amount
                from {{ this }} as held
                where held.cash_date < {{ first_day }}
                order by held.cash_date desc
                limit 1
            ), 0)
        {% endif %}
            as closing_cash_amount
    from moved
)

select
    cash_date,
    {{ money('closing_cash_amount - net_cash_amount', 18) }} as opening_cash_amount,
    {{ money('inflow_amount', 18) }} as inflow_amount,
    {{ money('outflow_amount', 18) }} as outflow_amount,
    {{ money('net_cash_amount', 18) }} as net_cash_amount,
    {{ money('closing_cash_amount', 18) }} as closing_cash_amount,
    {{ money('sale_amount', 18) }} as sales_cash_amount,
    {{ money('-sale_return_amount', 18) }} as refunds_cash_amount,
    {{ money('bank_transactions_amount', 18) }} as customer_deposits_cash_amount,
    {{ money('-marketing_amount', 18) }} as marketing_cash_amount,
    {{ money('-shipping_amount', 18) }} as shipping_cash_amount,
    {{ money('-rent_amount', 18) }} as rent_cash_amount,
    {{ money('-payroll_amount', 18) }} as payroll_cash_amount,
    entry_count
from gathered

{#
    What is counted of a customer, by the fact that tells it: in fact_customer_daily on the day on which it became
    known, in fact_customer_monthly in the month in which it happened. A new measure is one entry here.
#}
{% macro customer_measures() -%}
    {{ return({
        'sales': {
            'sales_count': "count(*)",
            'units': "sum(quantity)",
            'revenue': "sum(revenue)",
            'profit_amount': "sum(profit_amount)",
            'list_amount': "sum(list_amount)",
            'discount_amount': "sum(discount_amount)",
            'discounted_sales_count': "count(*) filter (where discount_amount > 0)",
            'store_sales_count': "count(*) filter (where channel = 'store')",
            'online_sales_count': "count(*) filter (where channel in ('web', 'mobile'))",
            'card_sales_count': "count(*) filter (where payment_method = 'card')",
        },
        'returns': {
            'returned_sales_count': "count(*)",
            'returned_units': "sum(quantity)",
            'returned_amount': "sum(revenue)",
            'returned_profit_amount': "sum(profit_amount)",
        },
        'transactions': {
            'transaction_count': "count(*) filter (where is_posted)",
            'transaction_amount': "sum(posted_amount_abs)",
            'inflow_amount': "sum(greatest(posted_amount, 0))",
            'outflow_amount': "sum(greatest(-posted_amount, 0))",
            'purchase_count': "count(*) filter (where is_posted and transaction_type = 'purchase')",
            'purchase_amount': "sum(purchase_amount)",
            'refund_amount': "sum(refund_amount)",
            'deposit_amount': "sum(deposit_amount)",
            'withdrawal_amount': "sum(withdrawal_amount)",
            'transfer_amount': "sum(transfer_amount)",
            'fee_amount': "sum(fee_amount)",
            'online_transaction_count': "count(*) filter (where is_posted and is_online)",
            'night_transaction_count': "count(*) filter (where is_posted and is_night)",
            'weekend_transaction_count': "count(*) filter (where is_posted and is_weekend)",
            'declined_count': "count(*) filter (where is_declined)",
            'fraud_count': "count(*) filter (where is_fraud)",
            'fraud_amount': "sum(fraud_amount)",
        },
        'payments': {
            'payments_due': "count(*) filter (where not is_late_payment)",
            'payments_paid': "count(*) filter (where is_paid)",
            'payments_missed': "count(*) filter (where is_missed)",
            'payments_made_up': "count(*) filter (where is_late_payment)",
            'loan_paid_amount': "sum(paid_amount)",
            'loan_principal_amount': "sum(principal_amount) filter (where not is_missed)",
            'loan_missed_amount': "sum(due_amount) filter (where is_missed)",
        },
        'interactions': {
            'interactions_count': "count(*)",
            'complaints_count': "count(*) filter (where topic = 'complaint')",
            'delivery_contacts_count': "count(*) filter (where topic = 'delivery')",
            'unresolved_count': "count(*) filter (where not is_resolved)",
            'rated_count': "count(satisfaction_score)",
            'satisfaction_points': "sum(satisfaction_score)",
            'contact_seconds': "sum(duration_seconds)",
        },
        'touches': {
            'touches_count': "count(*) filter (where is_delivered)",
            'opened_count': "count(*) filter (where is_opened)",
            'clicked_count': "count(*) filter (where is_clicked)",
            'held_back_count': "count(*) filter (where is_control)",
            'touch_cost_amount': "sum(cost_amount)",
        },
    }) }}
{%- endmacro %}

{# The facts that tell of them, whose changes are followed. #}
{% macro customer_facts() -%}
    {{ return([
        'fact_sales', 'int_shipment_events', 'fact_transactions', 'fact_loan_payments', 'fact_interactions',
        'fact_campaign_touches',
    ]) }}
{%- endmacro %}

{# The type of a measure: money, or a count. #}
{% macro customer_measure(name, value) -%}
    {%- if name.endswith(('revenue', '_amount')) -%}
        {{ money('coalesce(' ~ value ~ ', 0)', 18) }}
    {%- else -%}
        cast(coalesce({{ value }}, 0) as integer)
    {%- endif -%}
{%- endmacro %}

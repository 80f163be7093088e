-- The smallest modelled layers that satisfy the rules, made from one delivered day of staging.
drop schema intermediate cascade;
drop schema marts cascade;
drop schema analytics cascade;
create schema intermediate;
create schema marts;
create schema analytics;

create table intermediate.stg_marketing_campaigns as select * from staging.sales_marketing_campaigns;
create table intermediate.stg_campaign_touches as select * from staging.sales_campaign_touches;
create table intermediate.stg_shipments as select * from staging.operations_shipments;
create table intermediate.stg_inventory_levels as select * from staging.operations_inventory_levels;
create table intermediate.stg_fraud_alerts as select * from staging.operations_fraud_alerts;
create table intermediate.stg_credit_applications as select * from staging.finance_credit_applications;
create table intermediate.stg_loan_payments as select * from staging.finance_loan_payments;
create table intermediate.stg_economic_indicators as select * from staging.finance_economic_indicators;
create table intermediate.stg_gl_entries as select * from staging.finance_gl_entries;
create table intermediate.stg_budgets as
select *, budget_month || '-' || gl_account || '-' || cost_center as budget_id from staging.finance_budgets;
create table intermediate.stg_accounts as select * from staging.finance_accounts;
create table intermediate.stg_merchants as select * from staging.finance_merchants;
create table intermediate.stg_transactions as select * from staging.finance_transactions;
create table intermediate.stg_customer_interactions as select * from staging.operations_customer_interactions;
create table intermediate.stg_onboarding as select * from staging.operations_onboarding;
create table intermediate.stg_users as select * from staging.operations_users;
create table intermediate.stg_customers as select * from staging.sales_customers;
create table intermediate.stg_products as select * from staging.sales_products;
create table intermediate.stg_stores as select * from staging.sales_stores;
create table intermediate.stg_sales_transactions as select * from staging.sales_sales_transactions;
create table intermediate.int_users_clean as select user_id from staging.operations_users;
create table intermediate.int_transactions_clean as select * from staging.finance_transactions;
create table intermediate.int_customer_versions as
select
    md5(customer_id) as customer_key, customer_id, 1 as version_number, partition_date as valid_from,
    cast(null as date) as valid_to, true as is_current, true as is_last_version
from staging.sales_customers;
create table intermediate.int_store_versions as
select
    store_id, 1 as version_number, partition_date as valid_from, cast(null as date) as valid_to,
    true as is_current, true as is_last_version
from staging.sales_stores;
create table intermediate.int_account_versions as
select
    account_id, 1 as version_number, partition_date as valid_from, cast(null as date) as valid_to,
    true as is_current, true as is_last_version
from staging.finance_accounts;
create table intermediate.int_credit_application_versions as
select
    application_id, 1 as version_number, partition_date as valid_from, cast(null as date) as valid_to,
    true as is_current, true as is_last_version
from staging.finance_credit_applications;
create table intermediate.int_budget_versions as
select
    budget_month || '-' || gl_account || '-' || cost_center as budget_id, 1 as version_number,
    partition_date as valid_from, cast(null as date) as valid_to, true as is_current, true as is_last_version
from staging.finance_budgets;

create table intermediate.int_campaign_versions as
select
    campaign_id, 1 as version_number, partition_date as valid_from, cast(null as date) as valid_to,
    true as is_current, true as is_last_version
from staging.sales_marketing_campaigns;
create table intermediate.int_shipment_events as
select *, shipment_id || '-' || shipment_event as shipment_event_id from staging.operations_shipments;
create table intermediate.int_fraud_alert_events as
select *, alert_id || '-' || alert_status as alert_event_id from staging.operations_fraud_alerts;

create table marts.dim_date as select 20260310 as date_key;
create table marts.dim_region as select 1 as region_id;
create table marts.dim_product as select product_id from staging.sales_products;
create table marts.dim_store as select store_id from staging.sales_stores;
create table marts.dim_merchant as select md5(merchant_id) as merchant_key from staging.finance_merchants;
create table marts.dim_customer as select * from intermediate.int_customer_versions;
create table marts.fact_onboarding as select onboarding_id from staging.operations_onboarding;
create table marts.fact_sales as
select
    transaction_id as sale_id, partition_date as sale_date, 20260310 as date_id, customer_id,
    md5(customer_id) as customer_key, product_id, store_id, 1 as region_id, coalesce(revenue_amount, 0) as revenue,
    partition_date, quantity, false as is_late
from staging.sales_sales_transactions;
create table marts.fact_transactions as
select
    transaction_id, partition_date as transaction_date, 20260310 as date_key, account_id,
    replace(account_id, 'finance.accounts', 'sales.customers') as customer_id,
    md5(replace(account_id, 'finance.accounts', 'sales.customers')) as customer_key, merchant_id,
    md5(merchant_id) as merchant_key, transaction_amount, abs(transaction_amount) as posted_amount_abs, partition_date
from staging.finance_transactions;
create table marts.dim_campaign as select campaign_id from staging.sales_marketing_campaigns;
create table marts.fact_campaign_touches as
select touch_id, campaign_id, customer_id, md5(customer_id) as customer_key, cost_amount, partition_date
from staging.sales_campaign_touches;
create table marts.fact_interactions as
select interaction_id, customer_id, md5(customer_id) as customer_key, duration_seconds, partition_date
from staging.operations_customer_interactions;
create table marts.fact_inventory_daily as
select
    inventory_date, product_id, row_number() over (partition by product_id) as region_id, 5 as opening_units,
    0 as received_units, 0 as returned_units, 2 as shipped_units, 0 as written_off_units, 3 as closing_units,
    partition_date
from staging.operations_inventory_levels;
create table marts.fact_shipments as
select
    shipment_id, min(transaction_id) as sale_id, min(sold_date) as sold_date, min(product_id) as product_id,
    min(store_id) as store_id, 1 as region_id, sum(quantity) as quantity, cast(0 as bigint) as returned_quantity,
    max(event_at) filter (where shipment_event = 'shipped') as shipped_at,
    max(event_at) filter (where shipment_event = 'delivered') as delivered_at,
    max(event_at) filter (where shipment_event = 'returned') as returned_at,
    sum(shipping_cost_amount) as shipping_cost_amount, max(partition_date) as partition_date
from staging.operations_shipments
group by shipment_id;
create table marts.fact_fraud_alerts as
select distinct on (alert_id) alert_id, alert_status, partition_date as alert_date, partition_date
from staging.operations_fraud_alerts
order by alert_id, event_at desc;
create table marts.dim_account as select account_id from staging.finance_accounts;
create table marts.dim_cost_center as select 'S1' as cost_center, 'West' as budget_center;
create table marts.dim_gl_account as select distinct gl_account from staging.finance_gl_entries;
create table marts.fact_budgets as select budget_month, gl_account, cost_center from staging.finance_budgets;
create table marts.fact_credit_applications as select application_id from staging.finance_credit_applications;
create table marts.fact_economic_indicators as
select indicator, indicator_date, partition_date from staging.finance_economic_indicators;
create table marts.fact_ledger as
select journal_id || '-' || journal_line as ledger_entry_id, gl_account, debit_amount, partition_date
from staging.finance_gl_entries;
create table marts.fact_loan_payments as
select payment_id, customer_id, md5(customer_id) as customer_key, paid_amount, partition_date
from staging.finance_loan_payments;

create table analytics.daily_kyc as select date '2026-03-10' as kyc_date;
create table analytics.daily_sales as
select sale_date, region_id, count(*) as order_lines, sum(revenue) as revenue from marts.fact_sales group by 1, 2;
create table analytics.daily_transactions as
select transaction_date, count(*) as attempt_count, sum(posted_amount_abs) as volume_amount
from marts.fact_transactions group by 1;
create table marts.fact_ledger_monthly as
select date '2026-03-01' as month_date, '4000' as gl_account, -40 as net_amount;
create table analytics.monthly_profit_and_loss as
select date '2026-03-01' as month_date, 'West' as cost_center, 40 as operating_profit_amount;
create table analytics.budget_versus_actual as
select date '2026-03-01' as month_date, '4000' as gl_account, 'West' as cost_center;
create table analytics.credit_decisions as
select date '2026-03-01' as month_date, 'below 640' as score_band, 'auto_loan' as product_type;
create table analytics.loan_performance as select * from analytics.credit_decisions;
create table analytics.sales_breakdowns as
select cast(date_trunc('month', sale_date) as date) as month_date, 'total' as breakdown, 'all' as member,
    sum(revenue) as revenue
from marts.fact_sales group by 1;
create table analytics.transaction_breakdowns as
select cast(date_trunc('month', transaction_date) as date) as month_date, 'total' as breakdown, 'all' as member,
    sum(posted_amount_abs) as volume_amount
from marts.fact_transactions group by 1;
create table analytics.descriptive_analytics as select * from analytics.sales_breakdowns;
create table marts.customer_crosswalk as
select customer_id, 'sales' as source_system, customer_id as source_id from staging.sales_customers;
create table marts.fact_customer_monthly as select date '2026-03-01' as month_date, customer_id from staging.sales_customers;
create table analytics.predictive_analytics as
select customer_id, 0 as churn_risk_score, 0 as customer_lifetime_value, 0 as fraud_risk_score, 0 as credit_risk_score
from staging.sales_customers;
create table analytics.customer_performance as select customer_id from staging.sales_customers;
create table analytics.retention_cohorts as select date '2026-03-01' as cohort_month, 0 as months_since;
create table analytics.customer_kpis_monthly as
select cast(date_trunc('month', sale_date) as date) as month_date, sum(revenue) as revenue
from analytics.daily_sales group by 1;
create table analytics.daily_top_users as select date '2026-03-10' as transaction_date, 1 as user_rank;
create table analytics.store_sales_monthly as
select cast(date_trunc('month', sale_date) as date) as month_date, store_id, sum(revenue) as revenue
from marts.fact_sales group by 1, 2;
create table analytics.sales_geography as select * from analytics.store_sales_monthly;
create table analytics.product_performance as
select cast(date_trunc('month', sale_date) as date) as month_date, product_id, sum(revenue) as revenue
from marts.fact_sales group by 1, 2;
create table analytics.revenue_time_series as
select 'month' as period_type, cast(date_trunc('month', sale_date) as date) as period_start_date, sum(revenue) as revenue
from marts.fact_sales group by 2
union all
select 'day', sale_date, sum(revenue) from marts.fact_sales group by 2;
create table analytics.buyers_by_period as select period_type, period_start_date from analytics.revenue_time_series;
create table analytics.daily_campaign_touches as select date '2026-03-10' as touch_date, 'MC00001' as campaign_id;
create table analytics.campaign_performance as select 'MC00001' as campaign_id;
create table analytics.delivery_performance as select date '2026-03-01' as month_date, 'parcel' as carrier;
create table analytics.inventory_health as select 'P00001' as product_id, 1 as region_id;
create table analytics.kyc_behaviour as select 'completed' as kyc_status;
create table analytics.support_performance as
select date '2026-03-01' as month_date, 'billing' as topic, 'phone' as channel;

grant usage on schema intermediate, marts, analytics to fso_transformer;
grant select on all tables in schema intermediate, marts, analytics to fso_transformer;

truncate ops.partitions;
insert into ops.partitions values ('2026-03-10', 1, 1, null);

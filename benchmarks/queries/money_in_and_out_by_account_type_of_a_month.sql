select account_type, hour_band, sum(posted_inflow_amount) as inflow, sum(posted_outflow_amount) as outflow,
    sum(posted_amount) as net, sum(fee_amount) as fees
from fact_transactions
where transaction_date between '2025-11-01' and '2025-11-30'
group by account_type, hour_band
order by account_type, hour_band

select channel, decline_reason, sum(declined_count) as declined_count, sum(declined_amount) as declined_amount
from fact_transactions
where transaction_date between '2025-10-01' and '2025-12-31' and is_declined
group by channel, decline_reason
order by declined_count desc

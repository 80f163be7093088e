-- Judged for the dates of alerts that changed.
select *
from {{ ref('fact_fraud_alerts') }}
where {{ is_touched('alert_date', 'fact_fraud_alerts') }} and is_confirmed <> (loss_amount is not null)

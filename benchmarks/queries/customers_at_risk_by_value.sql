select customer_id, churn_risk_score, churn_risk_category, customer_lifetime_value
from predictive_analytics
where churn_risk_score > 0.7
order by customer_lifetime_value desc

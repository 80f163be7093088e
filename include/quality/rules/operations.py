"""Rules of the modelled tables of operations."""

from __future__ import annotations

from include.quality.rules.rule import TableRules

INTERMEDIATE = (TableRules("intermediate.int_users_clean", ("user_id",)),)

MARTS = (
    TableRules("marts.fact_onboarding", ("onboarding_id",)),
    TableRules("analytics.daily_kyc", ("kyc_date",)),
)

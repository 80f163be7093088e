"""The dbt project's structure: layers, contracts and what is generated or declared twice. No database."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from dbt.cli.main import dbtRunner

from include.contracts import contracts
from include.contracts.dbt_sources import SOURCES_FILE, render_sources
from include.settings import PROJECT_DIR

if TYPE_CHECKING:
    from collections.abc import Iterator

DBT_DIR = PROJECT_DIR / "analytics_platform"
MODELS = {
    "intermediate": {
        # sales
        *("int_campaign_versions", "int_customer_versions", "int_product_versions", "int_store_versions"),
        *("stg_campaign_touches", "stg_customers", "stg_marketing_campaigns", "stg_products", "stg_sales_transactions"),
        *("stg_stores",),
        # operations
        *("int_fraud_alert_events", "int_onboarding_versions", "int_shipment_events", "int_user_activity"),
        *("int_user_versions", "int_users_clean"),
        *("stg_customer_interactions", "stg_fraud_alerts", "stg_inventory_levels", "stg_onboarding", "stg_shipments"),
        *("stg_users",),
        # finance
        *("int_account_versions", "int_budget_versions", "int_credit_application_versions", "int_merchant_versions"),
        *("int_transactions_clean",),
        *("stg_accounts", "stg_budgets", "stg_credit_applications", "stg_economic_indicators", "stg_gl_entries"),
        *("stg_loan_payments", "stg_merchants", "stg_transactions"),
    },
    "marts": {
        # shared
        *("dim_customer", "dim_date", "dim_region"),
        # sales
        *("dim_campaign", "dim_product", "dim_store", "fact_campaign_touches", "fact_sales"),
        # operations
        *("fact_fraud_alerts", "fact_interactions", "fact_inventory_daily", "fact_onboarding", "fact_shipments"),
        # finance
        *("dim_account", "dim_cost_center", "dim_gl_account", "dim_merchant"),
        *("fact_account_daily_snapshot", "fact_budgets", "fact_credit_applications", "fact_economic_indicators"),
        *("fact_ledger", "fact_ledger_monthly", "fact_loan_payments", "fact_transactions"),
        # customers
        *("customer_crosswalk", "customer_features", "fact_customer_daily", "fact_customer_monthly"),
    },
    "analytics": {
        # sales
        *("buyers_by_period", "campaign_performance", "daily_campaign_touches"),
        *("daily_sales", "product_performance", "revenue_time_series", "sales_geography", "store_sales_monthly"),
        # operations
        *("daily_kyc", "delivery_performance", "inventory_health", "kyc_behaviour", "support_performance"),
        # finance
        *("budget_versus_actual", "credit_decisions", "daily_cash", "daily_ledger_balances", "daily_top_users"),
        *("daily_transactions", "loan_performance", "monthly_profit_and_loss"),
        # customers
        *("customer_kpis_monthly", "customer_performance", "predictive_analytics", "retention_cohorts"),
        # questions
        *("campaign_responses", "causal_analytics", "descriptive_analytics", "diagnostic_analytics"),
        *("economic_trends", "exploratory_analytics", "inferential_analytics", "prescriptive_analytics"),
        *("realtime_analytics", "sales_breakdowns", "transaction_breakdowns"),
    },
}
MAY_READ = {
    "intermediate": {"source.staging", "source.ops", "intermediate"},
    # The facts ask ops which days to rebuild; of staging they know nothing.
    "marts": {"source.ops", "intermediate", "marts"},
    # One relation may be made of others, and asks ops what is loaded and which dates changed.
    "analytics": {"marts", "analytics", "source.ops"},
}


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    target = tmp_path_factory.mktemp("target")
    arguments = ["--project-dir", DBT_DIR, "--profiles-dir", DBT_DIR, "--target-path", target, "--log-path", target]
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DB_TRANSFORMER_PASSWORD", "unused-by-parse")
        environment.setenv("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")
        result = dbtRunner().invoke(["--quiet", "parse", "--no-partial-parse", *map(str, arguments)])
        assert result.success, result.exception
        yield json.loads((target / "manifest.json").read_text(encoding="utf-8"))


def models(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


def layer(manifest: dict[str, Any], unique_id: str) -> str:
    if unique_id.startswith("source."):
        return f"source.{manifest['sources'][unique_id]['source_name']}"
    return str(manifest["nodes"][unique_id]["schema"])


def test_the_models_are_these(manifest: dict[str, Any]) -> None:
    found: dict[str, set[str]] = {}
    for model in models(manifest):
        found.setdefault(model["schema"], set()).add(model["name"])
    assert found == MODELS


def test_layers_read_only_what_is_below_them(manifest: dict[str, Any]) -> None:
    wrong = [
        f"{model['name']} reads {parent}"
        for model in models(manifest)
        for parent in model["depends_on"]["nodes"]
        if layer(manifest, parent) not in MAY_READ[model["schema"]]
    ]
    assert wrong == []


def test_cleaned_models_read_one_table_and_all_tables_are_read(manifest: dict[str, Any]) -> None:
    read = {}
    for model in models(manifest):
        if model["name"].startswith("stg_"):
            sources = [manifest["sources"][parent] for parent in model["depends_on"]["nodes"]]
            read[model["name"]] = sorted(s["name"] for s in sources if s["source_name"] == "staging")
    expected = {f"stg_{contract.table}": [contract.staging_table] for contract in contracts().values()}
    assert read == expected


def test_every_published_model_has_a_contract_a_key_and_descriptions(manifest: dict[str, Any]) -> None:
    for model in models(manifest):
        if model["schema"] == "intermediate":
            continue
        name = model["name"]
        assert model["contract"]["enforced"], name
        assert [c["type"] for c in model["constraints"]] == ["primary_key"], name
        assert model["config"]["materialized"] in {"table", "incremental"}, name
        undescribed = [c["name"] for c in model["columns"].values() if not c["description"] or not c["data_type"]]
        assert undescribed == [], name


def test_every_model_is_described_and_tagged(manifest: dict[str, Any]) -> None:
    tags = {"intermediate": ["silver"], "marts": ["gold"], "analytics": ["gold"]}
    for model in models(manifest):
        assert model["description"], model["name"]
        assert model["tags"] == tags[model["schema"]], model["name"]


def test_the_bi_connection_exposes_all_that_is_published(manifest: dict[str, Any]) -> None:
    exposure = manifest["exposures"]["exposure.analytics_platform.bi_connection"]
    exposed = {unique_id.split(".")[-1] for unique_id in exposure["depends_on"]["nodes"]}
    published = {model["name"] for model in models(manifest) if model["schema"] != "intermediate"}
    lines = [f"      - ref('{name}')" for name in sorted(published - exposed)]
    assert not lines, "add to bi_connection in models/exposures.yml:\n" + "\n".join(lines)
    assert exposed <= published


def test_every_exposure_says_who_and_what_for(manifest: dict[str, Any]) -> None:
    assert len(manifest["exposures"]) >= 4
    for exposure in manifest["exposures"].values():
        assert exposure["description"], exposure["name"]
        assert exposure["owner"]["email"], exposure["name"]
        read = {
            layer(manifest, unique_id) for unique_id in exposure["depends_on"]["nodes"] if "metric." not in unique_id
        }
        assert read <= {"marts", "analytics"}, f"{exposure['name']} reads what readers do not see"


def test_facts_are_incremental_by_the_shared_pattern(manifest: dict[str, Any]) -> None:
    for name in ("fact_sales", "fact_transactions"):
        (fact,) = [model for model in models(manifest) if model["name"] == name]
        assert fact["config"]["incremental_strategy"] == "delete+insert", name
        macros = {macro.split(".")[-1] for macro in fact["depends_on"]["macros"]}
        assert {"first_deliveries", "unless_held"} <= macros, name
        hooks = [hook["sql"] for hook in fact["config"]["post-hook"]]
        assert "delete_withdrawn" in hooks[0], name
        assert "follow_dates" in hooks[1], name


def test_there_are_tests_of_both_kinds(manifest: dict[str, Any]) -> None:
    data_tests = [node for node in manifest["nodes"].values() if node["resource_type"] == "test"]
    assert len(data_tests) >= 150
    assert {test["config"]["severity"].lower() for test in data_tests} == {"error", "warn"}
    assert len(manifest["unit_tests"]) >= 18
    tested = {unique_id.split(".")[-1] for test in data_tests for unique_id in test["depends_on"]["nodes"]}
    assert {model["name"] for model in models(manifest)} - tested == set()


def test_generated_sources_equal_the_contracts() -> None:
    assert SOURCES_FILE.read_text(encoding="utf-8") == render_sources(), "run `python -m include.contracts.dbt_sources`"


def test_regions_are_those_of_the_contracts() -> None:
    sql = (DBT_DIR / "models" / "marts" / "shared" / "dim_region.sql").read_text(encoding="utf-8")
    regions = set(re.findall(r"\(\d, '(\w+)', '\w\w'\)", sql)) - {"Unknown"}
    allowed = {
        column.allowed for contract in contracts().values() for column in contract.columns if column.name == "region"
    }
    assert {frozenset(values) for values in allowed} == {frozenset(regions)}


def test_no_model_or_macro_depends_on_the_clock_or_on_chance() -> None:
    forbidden = re.compile(r"\b(now\(\)|current_(date|timestamp|time)\b|clock_timestamp|random\(\)|run_started_at)")
    files = [path for folder in ("models", "macros", "tests") for path in (DBT_DIR / folder).rglob("*.sql")]
    assert len(files) > sum(len(names) for names in MODELS.values())
    guilty = [path.name for path in files if forbidden.search(path.read_text(encoding="utf-8"))]
    assert guilty == []

"""Answers of the semantic layer: each metric is declared once, in the dbt project's models/semantic.

MetricFlow turns metrics and dimensions into SQL; it runs on what is published, with a reader's rights, so that the
answer is what every other reader sees.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from include.dbt_project import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from metricflow.data_table.mf_table import MetricFlowDataTable
    from metricflow.engine.metricflow_engine import MetricFlowEngine
    from metricflow.protocols.sql_client import SqlEngine
    from metricflow.sql.render.sql_plan_renderer import SqlPlanRenderer
    from metricflow_semantic_interfaces.implementations.semantic_manifest import PydanticSemanticManifest

SEMANTIC_MANIFEST = MANIFEST.with_name("semantic_manifest.json")


class PublishedWarehouse:
    """The warehouse as MetricFlow wants to see one (its protocol SqlClient); it only reads."""

    @property
    def sql_engine_type(self) -> SqlEngine:
        """PostgreSQL."""
        from metricflow.protocols.sql_client import SqlEngine

        return SqlEngine.POSTGRES

    @property
    def sql_plan_renderer(self) -> SqlPlanRenderer:
        """What writes PostgreSQL's SQL."""
        from metricflow.sql.render.postgres import PostgresSQLSqlPlanRenderer

        return PostgresSQLSqlPlanRenderer()

    def query(self, stmt: str, sql_bind_parameter_set: object = None) -> MetricFlowDataTable:
        """Rows of a statement; MetricFlow binds no parameters on PostgreSQL."""
        from metricflow.data_table.mf_table import MetricFlowDataTable

        from database.connection import engine

        with engine("reader").connect() as connection:
            result = connection.exec_driver_sql(stmt.replace("%", "%%"), ())
            return MetricFlowDataTable.create_from_rows(list(result.keys()), [tuple(row) for row in result])


def published_manifest() -> PydanticSemanticManifest:
    """The semantic manifest that `dbt parse` wrote, with every model looked up in schema published."""
    from metricflow_semantics.model.dbt_manifest_parser import parse_manifest_from_dbt_generated_manifest

    manifest = parse_manifest_from_dbt_generated_manifest(SEMANTIC_MANIFEST.read_text(encoding="utf-8"))
    spines = manifest.project_configuration.time_spines
    for relation in [part.node_relation for part in (*manifest.semantic_models, *spines)]:
        relation.schema_name = "published"
        relation.relation_name = f"published.{relation.alias}"
    return manifest


@cache
def metric_engine() -> MetricFlowEngine:
    """MetricFlow over what is published, as the semantic layer was when this process first asked."""
    from metricflow.engine.metricflow_engine import MetricFlowEngine
    from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup

    return MetricFlowEngine(SemanticManifestLookup(published_manifest()), PublishedWarehouse())


def query_metrics(
    metrics: Sequence[str],
    group_by: Sequence[str] = (),
    *,
    where: Sequence[str] = (),
    start: datetime | None = None,
    end: datetime | None = None,
    order_by: Sequence[str] = (),
    limit: int | None = None,
) -> MetricFlowDataTable:
    """What `fso mf query` answers, for programs: money and percentages are exact decimals.

    Args:
        metrics: names, as `fso mf list metrics` shows them.
        group_by: dimensions, with their grain if they are times: metric_time__month, region__region_name.
        where: conditions in MetricFlow's way: "{{ Dimension('sale__channel') }} = 'online'".
        start: first day that counts.
        end: last day that counts.
        order_by: metrics or dimensions, with "-" before what descends.
        limit: most rows to return.

    Returns:
        Columns (`column_names`) and `rows`: the dimensions in their order, then the metrics.
    """
    from metricflow.engine.metricflow_engine import MetricFlowQueryRequest

    request = MetricFlowQueryRequest.create(
        metric_names=metrics,
        group_by_names=group_by or None,
        where_constraints=where or None,
        time_constraint_start=start,
        time_constraint_end=end,
        order_by_names=order_by or None,
        limit=limit,
    )
    answer: Any = metric_engine().query(request)
    return answer.result_df

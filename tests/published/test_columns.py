"""Every column that is built is described, and its name says of which type it is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from database.connection import engine

if TYPE_CHECKING:
    from pathlib import Path

Columns = dict[tuple[str, str], str]

# What the end (or the beginning) of a name promises: CONTRIBUTING.md, "Style".
TYPE_OF_SUFFIX = {
    "_at": {"timestamp with time zone"},
    "_date": {"date"},
    "_amount": {"numeric"},
    "_pct": {"numeric", "integer"},
    "_count": {"smallint", "integer", "bigint"},
}
TYPE_OF_PREFIX = {"is_": {"boolean"}, "has_": {"boolean"}}


def is_flag(column: str) -> bool:
    """Whether the name begins as that of a yes or no, which its end then does not contradict."""
    return column.startswith(tuple(TYPE_OF_PREFIX))


@pytest.fixture(scope="module")
def columns(published: None) -> Columns:
    """Type of each (relation, column) that dbt built."""
    with engine("owner").connect() as connection:
        rows = connection.execute(
            text(
                "select table_name, column_name, data_type from information_schema.columns "
                "where table_schema in ('intermediate', 'marts', 'analytics')"
            )
        )
        return {(relation, column): data_type for relation, column, data_type in rows}


def test_every_column_is_described_and_every_description_has_its_column(columns: Columns, dbt_manifest: Path) -> None:
    nodes = json.loads(dbt_manifest.read_text(encoding="utf-8"))["nodes"].values()
    models = [node for node in nodes if node["resource_type"] == "model"]
    described = {
        (model["name"], name)
        for model in models
        for name, column in model["columns"].items()
        if column["description"].strip()
    }
    built = {key for key in columns if key[0] in {model["name"] for model in models}}
    assert len(built) > 800
    assert sorted(built - described) == []
    assert sorted(described - built) == []


def test_names_say_the_type(columns: Columns) -> None:
    wrong = [
        (*key, data_type)
        for key, data_type in columns.items()
        for affixes, matches in ((TYPE_OF_SUFFIX, key[1].endswith), (TYPE_OF_PREFIX, key[1].startswith))
        for affix, types in affixes.items()
        if matches(affix) and data_type not in types and (affixes is TYPE_OF_PREFIX or not is_flag(key[1]))
    ]
    assert wrong == []


def test_types_have_their_names(columns: Columns) -> None:
    suffix = {"timestamp with time zone": ("_at",), "boolean": ("is_", "has_")}
    wrong = [
        (*key, data_type)
        for key, data_type in columns.items()
        if data_type in suffix and not key[1].endswith(suffix[data_type]) and not key[1].startswith(suffix[data_type])
    ]
    assert wrong == []

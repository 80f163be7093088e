"""Other loaders, each the way that is fastest for it. A script for the benchmark's own environment.

`load_peers.py LOADER FILE TABLE` loads a clean CSV file into a table of schema benchmark. The environment has the
server's URI in BENCHMARK_URI and the columns' PostgreSQL types, as JSON, in BENCHMARK_TYPES. Nothing of the platform
is imported here.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from typing import Any

SCHEMA = "benchmark"
# More takes minutes.
PANDAS_ROWS = 100_000


def _batches(path: str) -> Any:
    """The file as a stream of typed Arrow batches."""
    import pyarrow as pa
    from pyarrow import csv

    types = {
        "text": pa.string(),
        "integer": pa.int32(),
        "bigint": pa.int64(),
        "boolean": pa.bool_(),
        "timestamptz": pa.timestamp("us", tz="UTC"),
        "numeric(14,2)": pa.decimal128(14, 2),
    }
    columns = {name: types[kind] for name, kind in json.loads(os.environ["BENCHMARK_TYPES"]).items()}
    return csv.open_csv(
        path,
        read_options=csv.ReadOptions(block_size=8 * 2**20),
        convert_options=csv.ConvertOptions(column_types=columns, strings_can_be_null=True),
    )


def adbc(path: str, table: str) -> None:
    """Arrow batches by ADBC into the existing table."""
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(os.environ["BENCHMARK_URI"]) as connection, connection.cursor() as cursor:
        cursor.adbc_ingest(table, _batches(path), mode="append", db_schema_name=SCHEMA)
        connection.commit()


def dlt(path: str, table: str) -> None:
    """Arrow batches through dlt, as parquet, into a table that dlt makes, which has no key."""
    import dlt

    with tempfile.TemporaryDirectory() as folder:
        pipeline = dlt.pipeline(
            "benchmark",
            destination=dlt.destinations.postgres(os.environ["BENCHMARK_URI"]),
            dataset_name=SCHEMA,
            pipelines_dir=folder,
        )
        resource = dlt.resource(_batches(path), name=table, write_disposition="replace")
        pipeline.run(resource, loader_file_format="parquet").raise_on_failed_jobs()


def pandas(path: str, table: str) -> None:
    """The first rows of the file by `DataFrame.to_sql`; prints the seconds that they took, without the imports."""
    import pandas as pd
    from sqlalchemy import create_engine

    started = time.monotonic()
    types = json.loads(os.environ["BENCHMARK_TYPES"])
    moments = [name for name, kind in types.items() if kind == "timestamptz"]
    frame = pd.read_csv(path, nrows=PANDAS_ROWS, parse_dates=moments)
    engine = create_engine(os.environ["BENCHMARK_URI"].replace("postgresql:", "postgresql+psycopg:"))
    frame.to_sql(table, engine, schema=SCHEMA, if_exists="append", index=False)
    print(time.monotonic() - started)


if __name__ == "__main__":
    {"adbc": adbc, "dlt": dlt, "pandas": pandas}[sys.argv[1]](*sys.argv[2:])

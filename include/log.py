"""Structured logs: one event per line, as `key=value` or JSON; in tasks, as Airflow is configured."""

from __future__ import annotations

import os
import sys

import structlog


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """Logger for one module; bind run_id, partition_date and table so that a row can be traced."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def configure_logging() -> None:
    """Set up logging for programs of our own; inside Airflow tasks Airflow's configuration stands."""
    as_json = os.environ.get("FSO_LOG_FORMAT") == "json"
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer() if as_json else structlog.processors.LogfmtRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(20),
        # Results go to standard output, logs do not.
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )

"""The only place that imports Great Expectations: late (it takes seconds), silent, without analytics."""

from __future__ import annotations

import logging
import os
import warnings
from typing import Any


def expectations() -> Any:
    """The module `great_expectations.expectations`."""
    return _import().expectations


def context() -> Any:
    """A new ephemeral context that nothing else shares."""
    gx = _import()
    from great_expectations.data_context.types.base import ProgressBarsConfig

    new = gx.get_context(mode="ephemeral")
    new.variables.progress_bars = ProgressBarsConfig(globally=False)
    return new


def suite(name: str, members: list[Any]) -> Any:
    """An expectation suite that holds these expectations."""
    return _import().ExpectationSuite(name=name, expectations=members)


def _import() -> Any:
    # Read at import: afterwards it is too late.
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    logging.getLogger("great_expectations").setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import great_expectations as gx
        import great_expectations.expectations
    return gx

"""Extract, validate, load: one file of the raw zone into one partition of staging."""

from database.etl.load import LoadRefused, LoadResult, load_domain, load_table
from database.raw_zone import FileUnreadable

__all__ = ["FileUnreadable", "LoadRefused", "LoadResult", "load_domain", "load_table"]

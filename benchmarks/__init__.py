"""Runnable benchmarks: `python -m benchmarks.<name> [--json]`; last results in benchmarks/results."""

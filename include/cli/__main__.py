"""`python -m include.cli` is `fso`."""

from include.cli.main import run_app

run_app()

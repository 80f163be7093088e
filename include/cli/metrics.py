"""`fso mf`: MetricFlow's own commands, on what is published and with a reader's rights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from dbt_metricflow.cli.cli_configuration import CLIConfiguration
from dbt_metricflow.cli.main import cli

from include.metrics import PublishedWarehouse, published_manifest
from include.runtime.processes import log_file

if TYPE_CHECKING:
    from pathlib import Path

    from metricflow_semantic_interfaces.implementations.semantic_manifest import PydanticSemanticManifest


class PublishedConfiguration(CLIConfiguration):  # type: ignore[misc]
    """What the commands work on: not the target of dbt's profile, which holds what is being built."""

    def setup(self, *_: object, **__: object) -> None:
        """Log to a file of ours."""
        self.log_file_path.parent.mkdir(parents=True, exist_ok=True)
        self._configure_logging(self.log_file_path)
        self._is_setup = True

    @property
    def log_file_path(self) -> Path:
        """Shown by `fso logs mf`."""
        return log_file("mf")

    @property
    def sql_client(self) -> PublishedWarehouse:
        """Schema published, as role fso_reader."""
        return PublishedWarehouse()

    @property
    def semantic_manifest(self) -> PydanticSemanticManifest:
        """The semantic layer over schema published."""
        return published_manifest()


def run_mf(arguments: list[str]) -> None:
    """Run one command; ends the process with its exit status."""
    # Not MetricFlow's own group, which first asks the internet for a newer version of itself.
    commands = {name: cli.commands[name] for name in ("query", "list")}
    click.Group("mf", commands=commands, help="Query the metrics of the semantic layer.")(
        args=arguments, prog_name="fso mf", obj=PublishedConfiguration()
    )

"""How the dbt project is run: its folders and arguments, and the Cosmos configurations, in one place."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

from include.settings import PROJECT_DIR, settings, state_dir

if TYPE_CHECKING:
    from pathlib import Path

    from cosmos import DbtTaskGroup, ExecutionConfig

DBT_DIR = PROJECT_DIR / "analytics_platform"
MANIFEST = DBT_DIR / "target" / "manifest.json"
GRAPH = MANIFEST.with_name("graph.json")
# What Cosmos draws a task from.
DRAWN_KINDS = ("model", "seed")
DRAWN_FIELDS = ("resource_type", "package_name", "original_file_path", "fqn", "tags", "config", "depends_on")
# Task groups, and the folders that each builds.
GROUPS = {"intermediate": ("seeds", "models/intermediate"), "marts": ("models/marts", "models/analytics")}
# Set by a process that has given Cosmos' dbt a parsed manifest: its forks need not read the parse cache.
has_manifest = False
PROFILE, TARGET = "fso", "dev"
# dbt parses the project anew whenever these differ from the last time, so that all callers give the same.
DBT_ARGUMENTS = [
    "--project-dir",
    str(DBT_DIR),
    "--profiles-dir",
    str(DBT_DIR),
    "--profile",
    PROFILE,
    "--target",
    TARGET,
]
# Nothing here needs the version check, the log file or the artifacts.
GLOBAL_FLAGS = ["--no-version-check", "--log-level-file", "none", "--no-write-json"]
# A task runs one model. An invocation of several needs the cache: it knows what a replaced view takes with it.
TASK_FLAGS = [*GLOBAL_FLAGS, "--no-populate-cache"]


def write_graph() -> None:
    """Write what the DAG is drawn from: the manifest's models and seeds, without their code, columns and tests.

    Each task reads it again. With 100 models and 450 tests it takes 0.15 seconds of CPU, the manifest 0.44.
    """
    manifest = json.loads(MANIFEST.read_text(encoding="utf-8"))
    nodes = {
        name: {field: node.get(field) for field in DRAWN_FIELDS}
        for name, node in manifest["nodes"].items()
        if node["resource_type"] in DRAWN_KINDS
    }
    GRAPH.write_text(json.dumps({"metadata": manifest["metadata"], "nodes": nodes}), encoding="utf-8")


def _kept_manifest() -> Path:
    """The manifest that the last publish was built from."""
    return state_dir() / "dbt" / "published" / "manifest.json"


def keep_manifest() -> None:
    """Keep the manifest that the tasks work with as that of the publish which has just been made."""
    _kept_manifest().parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(MANIFEST, _kept_manifest())


def by_hand(arguments: list[str]) -> dict[str, str]:
    """Environment of a dbt command that a person types.

    It gets a target folder of its own, because other arguments than the tasks' would make these parse anew. Its data
    tests judge all rows, not those that a run changes. Selectors `state:…` compare with what is published.
    """
    environment = {
        "DBT_TARGET_PATH": str(state_dir() / "dbt"),
        "DBT_LOG_PATH": str(state_dir() / "logs"),
        "FSO_TEST_ALL": "1",
    }
    # Not for all commands: `dbt retry` would look for its results there.
    is_comparison = any("state:" in argument for argument in arguments)
    return environment | ({"DBT_STATE": str(_kept_manifest().parent)} if is_comparison else {})


def spare_stack_walks() -> None:
    """Let dbt's adapters of this process and its forks name the source of their behaviour flags without looking.

    They find it by walking the stack, at every invocation: a quarter of the CPU of a dbt task. The name is shown
    only in a warning about a flag, which tells as much without it.
    """
    from dbt_common.behavior_flags import BehaviorFlagRendered

    BehaviorFlagRendered._default_source = staticmethod(lambda: "dbt")  # type: ignore[method-assign]


def _execution() -> tuple[ExecutionConfig, dict[str, Any]]:
    """Execution mode and the operator arguments that it needs (setting FSO_DBT_MODE)."""
    from cosmos import ExecutionConfig
    from cosmos.constants import ExecutionMode, InvocationMode, TestIndirectSelection

    is_watcher = settings().dbt_mode == "watcher"
    config = ExecutionConfig(
        execution_mode=ExecutionMode.WATCHER if is_watcher else ExecutionMode.LOCAL,
        invocation_mode=InvocationMode.DBT_RUNNER,
        # A test of a later layer must not run because it also reads this one.
        test_indirect_selection=TestIndirectSelection.BUILDABLE,
    )
    # Deferred sensors can be failed spuriously by Airflow 3.3, so a watcher's sensors wait in a worker.
    return config, {"deferrable": False} if is_watcher else {"dbt_cmd_global_flags": TASK_FLAGS}


def dbt_task_group(group_id: str, tooltip: str) -> DbtTaskGroup:
    """One layer of the dbt project as a task group: a task per model or seed, then one for the layer's tests.

    Args:
        group_id: name of the group in the graph, a key of GROUPS.
        tooltip: what the layer is for.
    """
    from cosmos import DbtTaskGroup, ProfileConfig, ProjectConfig, RenderConfig
    from cosmos.constants import LoadMode, TestBehavior

    execution, operator_args = _execution()
    return DbtTaskGroup(
        group_id=group_id,
        tooltip=tooltip,
        project_config=ProjectConfig(
            DBT_DIR, manifest_path=GRAPH, install_dbt_deps=False, partial_parse=not has_manifest
        ),
        profile_config=ProfileConfig(
            profile_name=PROFILE, target_name=TARGET, profiles_yml_filepath=DBT_DIR / "profiles.yml"
        ),
        execution_config=execution,
        render_config=RenderConfig(
            load_method=LoadMode.DBT_MANIFEST,
            select=[f"path:{folder}" for folder in GROUPS[group_id]],
            # Unit tests judge the code, not the day's data: they run in CI.
            exclude=["resource_type:unit_test"],
            test_behavior=TestBehavior.AFTER_ALL,
            emit_datasets=False,
        ),
        operator_args=operator_args,
    )

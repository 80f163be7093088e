"""Great Expectations between the stages: the suites, the checkpoints and their Data Docs."""

from include.quality.checkpoints import run_checkpoint
from include.quality.results import CheckpointFailed, CheckpointResult, Outcome

__all__ = ["CheckpointFailed", "CheckpointResult", "Outcome", "run_checkpoint"]

"""The parts of a preflight, as an executor calls them: runs are opened as they will be, in a folder of their own."""

from pathlib import Path

from pressroom.training import TrainingRun, rehearse
from pressroom.workspace.assembly import scratch_blobs
from pressroom.workspace.training_run import training_run

ENTRY = "pressroom.workspace.rehearse:rehearse_part"
_NEVER = "3650d"


def rehearse_part(folder: Path) -> int:
    """Do the part of a rehearsal that the folder names."""
    return rehearse(folder, _open, scratch_blobs())


def _open(folder: Path) -> TrainingRun:
    """Checkpoints come when the rehearsal wants them."""
    return training_run("rehearsal", folder=folder, every=_NEVER)

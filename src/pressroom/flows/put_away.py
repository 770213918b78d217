"""Putting state away: how a step says that what it has done so far would not be lost if it were stopped now."""

import os
from contextlib import suppress
from contextvars import ContextVar
from pathlib import Path

SAFE = "safe"
_FOLDER: ContextVar[Path | None] = ContextVar("pressroom_attempt_folder", default=None)


def work_in(folder: Path) -> None:
    """From here on, this process works on the attempt whose folder this is."""
    _FOLDER.set(folder)


def state_is_safe() -> None:
    """Say, within a step, that its state lies where another attempt will find it: a checkpoint was written.

    Whoever has to choose stops the work that would lose least. Outside of a run it does nothing.
    """
    folder = _FOLDER.get()
    if folder is not None:
        file = folder / SAFE
        file.touch()
        os.utime(file)


def safe_at_s(folder: Path) -> float:
    """When an attempt has said so last, in seconds since 1970; 0 if it has not."""
    with suppress(OSError):
        return (folder / SAFE).lstat().st_mtime
    return 0.0

"""Notices in a file: one JSON document a line, the newest last."""

import os
from pathlib import Path

import msgspec

from pressroom.ports import BackendError, Notice


class FileNotices:
    """Appends to a file, which is made when missing."""

    def __init__(self, path: Path) -> None:
        """Write to `path`."""
        self._path = path

    def send(self, notice: Notice) -> None:
        """Append it in one write, and have it on the disk."""
        line = msgspec.json.encode(notice) + b"\n"
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)
            try:
                os.write(file, line)
                os.fsync(file)
            finally:
                os.close(file)
        except OSError as error:
            raise BackendError(
                f"{self._path} could not be written: {error.strerror}.", next_step="Look at the disk and its rights."
            ) from error

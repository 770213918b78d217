"""Writes checkpoints beside the training: one at a time, in a thread; what goes wrong is told and stops nothing."""

import threading
from collections.abc import Callable

from pressroom.training.run.checkpoint_file import Mark
from pressroom.training.run.checkpoints import Checkpoints
from pressroom.training.run.kept_state import Kept

Told = Callable[[str], None]


class Writer:
    """Takes one checkpoint at a time; while it is at work, the next is not taken and the training does not wait."""

    def __init__(self, checkpoints: Checkpoints, told: Told) -> None:
        """Write to these, and tell of what could not be written."""
        self._checkpoints = checkpoints
        self._told = told
        self._thread: threading.Thread | None = None
        self.last_bytes = 0
        self.written = 0

    @property
    def busy(self) -> bool:
        """Whether it is at work."""
        return self._thread is not None and self._thread.is_alive()

    def write(self, mark: Mark, kept: Kept) -> None:
        """Begin to write; waits for the one before."""
        self.wait()
        self._thread = threading.Thread(target=self._write, args=(mark, kept), name="checkpoint")
        self._thread.start()

    def wait(self) -> None:
        """Wait until nothing is being written."""
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _write(self, mark: Mark, kept: Kept) -> None:
        try:
            self.last_bytes = self._checkpoints.save(mark, kept)
            self.written += 1
        except OSError as error:
            # Training is worth more than this one checkpoint: those before it are there, and the next may go through.
            self._told(f"The checkpoint of step {mark.step:,} was not written: {error.strerror or error}.")

"""The writer: turns copies into checkpoints beside the training, in a thread of its own, one at a time."""

import threading
import time
from collections.abc import Callable
from typing import Literal

Written = Literal["written", "failed"]


class Writer:
    """At most one copy waits or is being written: while it is, the training takes no other (back pressure)."""

    def __init__(self, told: Callable[[str], None]) -> None:
        """`told` hears why a checkpoint could not be written."""
        self._told = told
        self._thread: threading.Thread | None = None
        self.costs_s: list[float] = []
        self.written = 0
        self.failed = 0

    def busy(self) -> bool:
        """Whether one is being written."""
        return self._thread is not None and self._thread.is_alive()

    def start(self, work: Callable[[], None]) -> None:
        """Do the writing; waits for the one before. Processor seconds of this thread go to `costs_s`."""
        self.wait()
        self._thread = threading.Thread(target=self._do, args=(work,), name="pressroom checkpoint")
        self._thread.start()

    def wait(self) -> None:
        """Until nothing is being written."""
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _do(self, work: Callable[[], None]) -> None:
        started = time.thread_time()
        try:
            work()
            self.written += 1
        except Exception as error:  # noqa: BLE001  (whatever stops a checkpoint, the training goes on)
            self.failed += 1
            self._told(f"A checkpoint was not written; the training goes on with the last good one: {error}")
        self.costs_s.append(time.thread_time() - started)

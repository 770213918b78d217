"""Being asked to stop: SIGTERM is noted, and heard at the next tick."""

import signal
import threading
from types import FrameType
from typing import Any


class Stopping:
    """Whether the process was asked to stop. Only the main thread can listen; elsewhere nothing is changed."""

    def __init__(self) -> None:
        """Not yet."""
        self.asked = threading.Event()
        self._before: Any = None

    def listen(self) -> None:
        """From now on SIGTERM does not end the process; the second one does."""
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGTERM, self._ask)

    def leave(self) -> None:
        """Let SIGTERM be what it was."""
        if self._before is not None and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, self._before)
            self._before = None

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.asked.set()
        self.leave()

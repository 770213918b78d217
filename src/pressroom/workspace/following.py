"""Following in the background: online features come up to date after an append, and nobody waits for it."""

import logging
import threading
from collections.abc import Callable

from pressroom.values import PressroomError

RETRY_S = 1.0
"""How long to wait before it is tried again after a failure."""

_logger = logging.getLogger(__name__)


class Following:
    """A thread that follows the log whenever it is told to; what comes in meanwhile is followed together."""

    def __init__(self, follow: Callable[[], object], *, retry_s: float = RETRY_S) -> None:
        """Start at once, with what is there already."""
        self._follow = follow
        self._retry_s = retry_s
        self._wanted = threading.Event()
        self._stop = threading.Event()
        self.failure: PressroomError | None = None
        """Why the last time failed; None when it did not."""
        self._wanted.set()
        self._thread = threading.Thread(target=self._run, name="following", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Something was appended."""
        self._wanted.set()

    def close(self) -> None:
        """Follow what was appended until now, and stop."""
        self._stop.set()
        self._wanted.set()
        self._thread.join()

    def _run(self) -> None:
        stopping = False
        while not stopping:
            self._wanted.wait()
            stopping = self._stop.is_set()
            self._wanted.clear()
            self._follow_once()

    def _follow_once(self) -> None:
        try:
            self._follow()
        except PressroomError as error:
            self.failure = error
            _logger.warning("Online features fell behind: %s", error)
            if not self._stop.wait(self._retry_s):
                self._wanted.set()
        else:
            self.failure = None

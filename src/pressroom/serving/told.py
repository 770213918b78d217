"""Telling an operator, in the log, of what goes wrong again and again: at once, then seldom, with how often it was."""

import logging
import time
from collections.abc import Callable

_EVERY_S = 10.0
_MOST_KINDS = 256


class Telling:
    """Tells of troubles by their kind: of the first at once, of later ones at most every ten seconds, with their count.

    A thousand requests a second that fail for the same reason are one line, not a thousand. Safe for several threads,
    up to a line too many.
    """

    def __init__(self, logger: logging.Logger, *, now: Callable[[], float] = time.monotonic) -> None:
        """Tell by `logger`."""
        self._logger = logger
        self._now = now
        self._told_at: dict[str, float] = {}
        self._since: dict[str, int] = {}

    def trouble(self, kind: str, message: str, error: BaseException | None = None, *, trace: str = "") -> None:
        """Something went wrong; `error` is shown with its traceback, `trace` is the trace of a request that met it."""
        now, last = self._now(), self._told_at.get(kind)
        if last is not None and now - last < _EVERY_S:
            self._since[kind] = self._since.get(kind, 0) + 1
            return
        if len(self._told_at) >= _MOST_KINDS:
            self._told_at.clear()
            self._since.clear()
        self._told_at[kind] = now
        before = self._since.pop(kind, 0)
        again = f" So it was {before} more times since that was last told." if before else ""
        self._logger.error("%s%s%s", message, again, in_trace(trace), exc_info=error)

    def over(self, kind: str, message: str) -> None:
        """What went wrong is well again; says so where it was told."""
        if self._told_at.pop(kind, None) is not None:
            self._since.pop(kind, None)
            self._logger.warning("%s", message)


def in_trace(trace: str) -> str:
    """How a line of the log names the trace that it belongs to."""
    return f" [trace_id={trace}]" if trace else ""

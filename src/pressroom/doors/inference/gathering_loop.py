"""The event loop of a worker: calls from the HTTP server's threads are gathered, and wake it once."""

import asyncio
from collections import deque
from collections.abc import Callable
from contextvars import Context
from typing import Any

from granian import loops

_FASTER = ("rloop", "uvloop")
"""Loops that granian takes by itself where they are installed; they gather calls too."""


class GatheringLoop(asyncio.SelectorEventLoop):
    """The usual loop; what other threads ask of it while it is busy is taken up together.

    Asyncio writes a byte to a socket for every call from another thread, and lets go of the interpreter's lock to do
    so. Each request is two such calls. Under load the threads then pass the lock to and fro for a fifth of a request's
    processor time, and hardly any requests meet at the desk.
    """

    def __init__(self) -> None:
        """Wait for nothing yet."""
        super().__init__()
        self._arrived: deque[_Call] = deque()
        self._is_woken = False

    def call_soon_threadsafe(
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """Let the loop call something soon; from any thread. Raises RuntimeError where it is closed."""
        call = _Call(callback, args, self, context)
        self._arrived.append(call)
        if not self._is_woken:
            self._is_woken = True
            super().call_soon_threadsafe(self._take_up)
        return call

    def _take_up(self) -> None:
        # Told before it is counted: who comes from now on wakes the loop again, and nobody falls between.
        self._is_woken = False
        arrived = self._arrived
        for _ in range(len(arrived)):
            arrived.popleft().take()


class _Call(asyncio.Handle):
    def take(self) -> None:
        """Do it, unless it was called off; what goes wrong is told to the loop."""
        if not self.cancelled():
            self._run()


def use_gathering_loop() -> None:
    """Let granian's workers run on this loop, where no faster one is installed."""
    if not any(name in loops for name in _FASTER):
        loops.register("auto")(_gathering_loop)


def _gathering_loop() -> asyncio.AbstractEventLoop:
    loop = GatheringLoop()
    asyncio.set_event_loop(loop)
    return loop

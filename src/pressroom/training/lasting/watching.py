"""Watching a run from inside: what the sentinel needs to know of each tick, and who hears what it says."""

import time
from collections.abc import Callable

import psutil

from pressroom.training.sentinel import Sentinel, Tick

_MEMORY_EVERY = 50


class Watching:
    """Hands every tick to a sentinel. It costs a few microseconds a tick; memory is looked at now and then."""

    def __init__(self, told: Callable[[str], None]) -> None:
        """`told` hears each alarm, in words and with what to do."""
        self._told = told
        # A run that takes all of the machine's memory is ended by the machine.
        self._sentinel = Sentinel(most_memory_bytes=psutil.virtual_memory().total)
        self._began = time.monotonic()
        self._ticks = self._memory = 0

    def tick(self, loss: float) -> None:
        """A step was done."""
        if self._ticks % _MEMORY_EVERY == 0:
            self._memory = psutil.Process().memory_info().rss
        self._ticks += 1
        now = time.monotonic() - self._began
        for alarm in self._sentinel.see(Tick(at_s=now, loss=loss, memory_bytes=self._memory)):
            self._told(f"{alarm.message} {alarm.next_step}")

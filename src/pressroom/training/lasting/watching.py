"""Watching a run from inside: what the sentinel needs to know of each tick, and who hears what it says.

A run that hangs can't say so. So it says beforehand by when it will be heard of again, and lets a thread that needs no
Python write down where it is when it is not: both are there for whoever watches from outside.
"""

import faulthandler
import time
from collections.abc import Callable
from contextlib import suppress
from io import FileIO
from pathlib import Path

import psutil

from pressroom.training.lasting.options import TrainingOptions
from pressroom.training.sentinel import Sentinel, Tick

_MEMORY_EVERY = 50
_BEFORE_THE_FIRST = 3.0
"""What comes before the first tick may take so many times longer: rows are opened, kernels compiled."""


class Watching:
    """Hands every tick to a sentinel. It costs a few microseconds a tick; memory is looked at now and then."""

    def __init__(self, told: Callable[[str, str], None], options: TrainingOptions, stacks: Path) -> None:
        """`told` hears each alarm, in words and with what to do, and its kind; `stacks` is the file for where it is."""
        self._told = told
        # A run that takes all of the machine's memory is ended by the machine.
        self._sentinel = Sentinel(most_memory_bytes=options.most_memory_bytes or psutil.virtual_memory().total)
        self._silent_after_s = options.silent_after_s
        self._stacks = stacks
        self._file: FileIO | None = None
        self._began = time.monotonic()
        self._ticks = self._memory = 0
        self._waited_s = 0.0

    def tick(self, loss: float | None, waited_s: float = 0.0) -> None:
        """A step was done, whose batch was waited for so long."""
        if self._ticks % _MEMORY_EVERY == 0:
            self._memory = psutil.Process().memory_info().rss
        self._ticks += 1
        self._waited_s += waited_s
        now = time.monotonic() - self._began
        seen = Tick(at_s=now, loss=loss, waited_s=waited_s, memory_bytes=self._memory)
        for alarm in self._sentinel.see(seen):
            self._told(f"{alarm.message} {alarm.next_step}", alarm.kind)

    def waited_s(self) -> float:
        """For how long batches were waited for since this was last asked."""
        waited, self._waited_s = self._waited_s, 0.0
        return waited

    def heard_within_s(self) -> float | None:
        """By when this run is going to be heard of again, in seconds from now; from now on its silence is watched.

        None where nobody is to wait for it.
        """
        if self._silent_after_s <= 0:
            return None
        least_s = self._silent_after_s if self._ticks else _BEFORE_THE_FIRST * self._silent_after_s
        within_s = self._sentinel.patience_s(least_s)
        # What can't be written down stops no training.
        with suppress(OSError):
            self._file = self._file or FileIO(self._stacks, "a")
            faulthandler.dump_traceback_later(within_s, file=self._file)
        return within_s

    def leave(self) -> None:
        """Nobody is to wait for it any more."""
        self._silent_after_s = 0.0
        if self._file is not None:
            faulthandler.cancel_dump_traceback_later()
            self._file.close()
            self._file = None
            with suppress(OSError):
                if self._stacks.stat().st_size == 0:
                    self._stacks.unlink()

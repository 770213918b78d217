"""The executors that one run's attempts are in, and what they tell."""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from pressroom.flows.places import Places
from pressroom.flows.step import Step
from pressroom.ports import Ended, Executor

_POLL_S = 0.01
_HERE = "inline"


class RunExecutors:
    """One of each name, asked for with the first attempt that runs in it."""

    def __init__(self, *, start: Callable[[str], Executor], places: Places) -> None:
        """`start` gives the one of a name."""
        self._start = start
        self._places = places
        self._there: dict[str, Executor] = {}

    def place(self, step: Step[..., Any]) -> str:
        """Which executor a step runs in. What no other process could find by its name runs in this one."""
        return _HERE if is_local(step) else self._places.name_for(step.options)

    def of(self, step: Step[..., Any]) -> Executor:
        """The executor that a step runs in."""
        place = self.place(step)
        if place not in self._there:
            self._there[place] = self._start(place)
        return self._there[place]

    def polled(self, steps: Iterable[Step[..., Any]], wait_s: float) -> Sequence[Ended]:
        """What has ended of attempts at these steps, wherever they are; waits for the first of them."""
        busy = [self._there[place] for place in sorted({self.place(step) for step in steps})]
        if len(busy) == 1:
            return busy[0].poll(wait_s)
        until = time.monotonic() + wait_s
        while busy:
            ended = [each for executor in busy for each in executor.poll(_POLL_S if wait_s else 0.0)]
            if ended or time.monotonic() >= until:
                return ended
        return []


def is_local(step: Step[..., Any]) -> bool:
    """Whether only this process has it: it was defined inside of a function."""
    return "<locals>" in step.function.__qualname__

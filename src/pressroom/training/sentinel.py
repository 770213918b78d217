"""The sentinel: watches a run's first half hour, and on, and says when it goes nowhere. Decisions only."""

import math
from collections import deque
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import numpy as np

_WINDOW = 50
_EVERY = 10
"""A look at everything is taken at every so many ticks; what is not finite is seen at once."""
_SPIKE = 12.0
"""So many median deviations over the median of its window: seen in no honest noise, also of heavy tails."""
_SLOWER = 0.5
_SHORT_S = 0.01
"""What steps differ by because the machine does something else for a moment."""
_WAITS = 0.5
_WAITS_OVER_S = 10.0
"""For so long it is added up: of a few quick steps, one pause of the machine is most."""
_MEMORY_EVERY_S = 1.0
_MEMORY_TREND = 0.8
_QUIET_S = 300.0
_USUAL, _LONGEST = 10.0, 2.0
"""A silence is one when it lasts for so many usual steps, and for so many times the longest pause that there was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A step that was done: seconds since the start, the loss if there is one, rows, how long its batch was waited for,
    and memory.
    """

    at_s: float
    loss: float | None
    rows: int = 0
    waited_s: float = 0.0
    memory_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Something that its owner would want to know at once: what, in words, and what to do."""

    kind: str
    message: str
    next_step: str
    at_s: float


class Sentinel:
    """Watches one run. `most_memory_bytes` is what it may have (0: no limit), `lasts_s` how long it is going to run.

    An alarm of one kind is raised once in five minutes. Memory of the sentinel itself is bounded.
    """

    def __init__(self, *, most_memory_bytes: int = 0, lasts_s: float = 0.0, flat_after_s: float = 600.0) -> None:
        """A sentinel that has seen nothing."""
        self._most_memory_bytes = most_memory_bytes
        self._lasts_s = lasts_s
        self._flat_after_s = flat_after_s
        self._early: list[Tick] = []
        self._late: deque[Tick] = deque(maxlen=_WINDOW)
        self._memory: list[tuple[float, int]] = []
        self._told: dict[str, float] = {}
        self._ticks = 0
        self._longest_s = self._usual_s = 0.0
        self._bound = math.inf
        self._middle = 0.0
        self._waited_s = self._waited_from_s = 0.0
        self._grown_at_s = -_MEMORY_EVERY_S

    def see(self, tick: Tick) -> list[Alarm]:
        """Take one step in; what there is to say about the run since."""
        self._ticks += 1
        if self._late:
            self._longest_s = max(self._longest_s, tick.at_s - self._late[-1].at_s)
        if tick.loss is not None and not math.isfinite(tick.loss):
            step = "Look at this batch and at the learning rate; the run can go back to its last checkpoint."
            return self._raise(tick.at_s, "not_finite", f"The loss is {tick.loss} at step {self._ticks:,}.", step)
        spike = self._spike(tick)
        if len(self._early) < _WINDOW:
            self._early.append(tick)
        self._late.append(tick)
        # Before the first batch rows are opened: that is no measure of the others.
        self._waited_s += tick.waited_s if self._ticks > 1 else 0.0
        if self._ticks % _EVERY:
            return spike
        if self._most_memory_bytes:
            self._remember(tick)
        self._usual_s = median(_gaps(self._late))
        self._look_at_losses()
        return [*spike, *self._loss(tick), *self._pace(tick), *self._waits(tick), *self._growth(tick)]

    def patience_s(self, least_s: float) -> float:
        """For how long a run that is well may say nothing. Evaluations and checkpoints make pauses: the longest one
        that it came back from is a measure too. Any thread may ask.
        """
        return max(least_s, _USUAL * self._usual_s, _LONGEST * self._longest_s)

    def _look_at_losses(self) -> None:
        """From here on, until it is looked at them again, a loss beyond this bound has jumped."""
        losses = _losses(self._late)
        if len(losses) == _WINDOW:
            self._middle = median(losses)
            deviation = median(abs(loss - self._middle) for loss in losses)
            self._bound = self._middle + _SPIKE * max(deviation, 0.01 * abs(self._middle), 1e-12)

    def _spike(self, tick: Tick) -> list[Alarm]:
        if tick.loss is None or tick.loss <= self._bound:
            return []
        message = f"The loss jumped from {self._middle:.4g} to {tick.loss:.4g} at step {self._ticks:,}."
        return self._raise(tick.at_s, "spike", message, "Look at this batch; lower the learning rate or clip.")

    def _loss(self, tick: Tick) -> list[Alarm]:
        losses = _losses(self._early), _losses(self._late)
        if min(map(len, losses)) < _WINDOW or self._ticks < 2 * _WINDOW:
            return []
        (first, wide), (last, narrow) = map(_middle, losses)
        noise = 2.0 * math.hypot(wide, narrow)
        if last - first > max(3 * noise, 0.5 * abs(first)):
            message = f"The loss went up from {first:.4g} to {last:.4g}."
            return self._raise(tick.at_s, "diverges", message, "Lower the learning rate; look at the sign of the loss.")
        if tick.at_s >= self._flat_after_s and first - last < noise:
            message = f"The loss is {last:.4g} after {tick.at_s / 60:.0f} min, as at the start."
            step = "See whether the labels fit the rows, and whether the optimizer has the parameters."
            return self._raise(tick.at_s, "flat", message, step)
        return []

    def _pace(self, tick: Tick) -> list[Alarm]:
        found: list[Alarm] = []
        if len(self._early) < _WINDOW or self._ticks < 2 * _WINDOW:
            return found
        early, late = median(_gaps(self._early)), median(_gaps(self._late))
        if late - early > _SHORT_S and early / late < _SLOWER:
            message = f"A step takes {late:.3g} s; it took {early:.3g} s at the start."
            found += self._raise(tick.at_s, "slower", message, "Look at heat, neighbours, swap and the disk.")
        return found

    def _waits(self, tick: Tick) -> list[Alarm]:
        passed = tick.at_s - self._waited_from_s
        if passed < _WAITS_OVER_S:
            return []
        share = self._waited_s / passed
        self._waited_s, self._waited_from_s = 0.0, tick.at_s
        if share <= _WAITS:
            return []
        message = f"{min(share, 1.0):.0%} of the time goes into waiting for batches."
        return self._raise(tick.at_s, "waits_for_input", message, "Read ahead, in other processes, or decode less.")

    def _growth(self, tick: Tick) -> list[Alarm]:
        """Memory that grows in a line is at the limit at an instant that can be told."""
        if len(self._memory) < 20 or tick.at_s - self._grown_at_s < _MEMORY_EVERY_S:
            return []
        self._grown_at_s = tick.at_s
        # The first fifth is a run's warming up.
        at, used = np.array(self._memory[len(self._memory) // 5 :], dtype=float).T
        slope, start = np.polyfit(at, used, 1)
        left = used.var() - np.square(used - (slope * at + start)).mean()
        grown = slope * (at[-1] - at[0])
        if used.var() == 0 or left / used.var() < _MEMORY_TREND or grown < 0.02 * self._most_memory_bytes:
            return []
        in_s = (self._most_memory_bytes - used[-1]) / slope
        if self._lasts_s and tick.at_s + in_s > self._lasts_s:
            return []
        message = f"Memory grows by {slope * 3600 / 1e6:,.0f} MB an hour and reaches its limit in {in_s / 60:,.0f} min."
        return self._raise(tick.at_s, "memory_grows", message, "Look for what is kept from step to step.")

    def _remember(self, tick: Tick) -> None:
        """Keep the memory's course in at most 400 points, evenly."""
        if not self._memory or tick.at_s - self._memory[-1][0] >= _MEMORY_EVERY_S:
            self._memory.append((tick.at_s, tick.memory_bytes))
        if len(self._memory) >= 400:
            self._memory = self._memory[::2]

    def _raise(self, at_s: float, kind: str, message: str, next_step: str) -> list[Alarm]:
        last = self._told.get(kind)
        if last is not None and at_s - last < _QUIET_S:
            return []
        self._told[kind] = at_s
        return [Alarm(kind=kind, message=message, next_step=next_step, at_s=at_s)]


def _middle(losses: list[float]) -> tuple[float, float]:
    """The median, and its standard error by the median deviation, so that one wild value moves neither."""
    middle = median(losses)
    deviation = 1.4826 * median(abs(loss - middle) for loss in losses)
    return middle, 1.2533 * deviation / math.sqrt(len(losses))


def _losses(ticks: "list[Tick] | deque[Tick]") -> list[float]:
    return [tick.loss for tick in ticks if tick.loss is not None]


def _gaps(ticks: "list[Tick] | deque[Tick]") -> list[float]:
    """Seconds from each tick to the next."""
    return [after.at_s - before.at_s for before, after in pairwise(ticks)]

"""Windowed aggregates: count, sum and mean over `[t - w, t)` for many (key, t) at once."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pressroom.features.kernel.asked import Asked
from pressroom.features.kernel.timeline import Ints, Sorted, Timeline
from pressroom.stats import paired_prefix_sums, prefix_sums

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """A field's values at the timeline's places, and where they are null (None: nowhere)."""

    numbers: Floats
    nulls: npt.NDArray[np.bool_] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """Facts in the order in which they enter windows and in that in which they leave them.

    A fact enters when it is known, but never at the instant of its own event; it leaves `w` after its event. One that
    is known only then or later never counts, and is weighed as nothing.
    """

    line: Timeline
    entering: Sorted
    leaving: Sorted
    in_step: bool
    latest_us: int

    @staticmethod
    def of(line: Timeline) -> "Windows":
        """Sort a timeline both ways; facts that become known in the order in which they happen need only one."""
        enter = np.maximum(line.known, line.event + 1)
        leaving = line.sort(line.event)
        ordered = enter[leaving.order]
        same_key = leaving.keys[1:] == leaving.keys[:-1]
        in_step = bool((~same_key | (ordered[1:] >= ordered[:-1])).all())
        entering = (
            Sorted(order=leaving.order, keys=leaving.keys, instants=ordered, starts=leaving.starts)
            if in_step
            else line.sort(enter)
        )
        latest = int((enter - line.event).max()) if len(enter) else 0
        return Windows(line=line, entering=entering, leaving=leaving, in_step=in_step, latest_us=latest)

    def over(self, window_us: int, asked: Asked) -> "Window":
        """One length of window, for the rows that ask: how many facts have entered and left by their instants."""
        entered = self.entering.count_until(asked.keys, asked.instants)
        left = self.leaving.count_until(asked.keys, asked.instants - window_us - 1)
        never = None
        if self.latest_us > window_us:
            never = np.maximum(self.line.known, self.line.event + 1) > self.line.event + window_us
        return Window(windows=self, entered=entered, left=left, never=never)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A window length, searched. Every answer is in the order of the sorted rows that ask."""

    windows: Windows
    entered: Ints
    left: Ints
    never: npt.NDArray[np.bool_] | None

    def count(self) -> Ints:
        """How many facts are in the window."""
        if self.never is None:
            return self.entered - self.left
        return self._counted(~self.never)

    def count_values(self, values: Values) -> Ints:
        """How many facts in the window have a value."""
        if values.nulls is None:
            return self.count()
        return self._counted(~values.nulls if self.never is None else ~(values.nulls | self.never))

    def sum(self, values: Values) -> Floats:
        """The correctly rounded sum of the values in the window; 0 where there are none."""
        numbers = values.numbers
        idle = values.nulls if self.never is None else self.never | (False if values.nulls is None else values.nulls)
        if idle is not None:
            numbers = np.where(idle, 0.0, numbers)
        if self.windows.in_step:
            running = prefix_sums(numbers[self.windows.leaving.order])
            return running.differences(running, self.entered, self.left)
        entering, leaving = paired_prefix_sums(numbers, self.windows.entering.order, self.windows.leaving.order)
        return entering.differences(leaving, self.entered, self.left)

    def _counted(self, weighs: npt.NDArray[np.bool_]) -> Ints:
        entering = np.concatenate(([0], np.cumsum(weighs[self.windows.entering.order], dtype=np.int64)))
        leaving = np.concatenate(([0], np.cumsum(weighs[self.windows.leaving.order], dtype=np.int64)))
        return entering[self.entered] - leaving[self.left]

"""Windowed aggregates: count and sum over `[t - w, t)` for many (key, t) at once."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from pressroom.features.kernel.asked import Asked
from pressroom.features.kernel.order import Ints
from pressroom.features.kernel.search import Sorted
from pressroom.features.kernel.timeline import Timeline
from pressroom.stats import PrefixSums, paired_prefix_sums, prefix_sums

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, eq=False)
class Values:
    """A field's values at the timeline's places, and where they are null (None: nowhere; the values there are 0)."""

    numbers: Floats
    nulls: Mask | None

    @cached_property
    def running(self) -> PrefixSums:
        """Of all values, in the order of the timeline."""
        return prefix_sums(self.numbers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """Facts on their way through windows.

    A fact enters when it is known, but never at the instant of its own event; it leaves `w` after its event, or at the
    instant at which it is known to be wrong. One whose time to leave comes before that to enter never counts.
    """

    line: Timeline
    latest_us: int
    """How long after its event the last to enter does so."""

    @staticmethod
    def of(line: Timeline) -> "Windows":
        """Look how late facts enter."""
        return Windows(line=line, latest_us=int((_enter(line) - line.event).max(initial=0)))

    def over(self, window_us: int, asked: Asked) -> "Window":
        """One length of window, for the rows that ask: how many facts have entered and left by their instants."""
        line = self.line
        if line.until is None:
            leaving, left = line.by_event, asked.count_until(line.by_event, less_us=window_us + 1)
            never = _enter(line) > line.event + window_us if self.latest_us > window_us else None
        else:
            leave = np.minimum(line.event + window_us + 1, line.until)
            leaving = line.sort(leave)
            left = asked.count_until(leaving)
            never = _enter(line) >= leave
        entered = asked.count_until(line.entering)
        return Window(entering=line.entering, leaving=leaving, entered=entered, left=left, never=never)


def _enter(line: Timeline) -> Ints:
    return np.maximum(line.known, line.event + 1)


@dataclass(frozen=True, kw_only=True, eq=False)
class Window:
    """A window length, searched. Every answer is in the order of the sorted rows that ask.

    `entered` and `left` count facts in the orders `entering` and `leaving`; the facts in `never` weigh nothing.
    """

    entering: Sorted
    leaving: Sorted
    entered: Ints
    left: Ints
    never: Mask | None

    @cached_property
    def count(self) -> Ints:
        """How many facts are in the window."""
        return self.entered - self.left if self.never is None else self._counted(~self.never)

    def count_values(self, values: Values) -> Ints:
        """How many facts in the window have a value."""
        idle = self._idle(values.nulls)
        return self.count if idle is None else self._counted(~idle)

    def mean(self, values: Values, count: Ints) -> Floats:
        """The sum divided by how many values there are in the window, `count`; 0 where there are none."""
        total = self.sum(values)
        return np.divide(total, count, out=total, where=count != 0)

    def sum(self, values: Values) -> Floats:
        """The correctly rounded sum of the values in the window; 0 where there are none."""
        in_step = self.entering.order is None and self.leaving.order is None
        if in_step and self.never is None:
            return values.running.differences(values.running, self.entered, self.left)
        numbers = values.numbers if self.never is None else np.where(self.never, 0.0, values.numbers)
        entering, leaving = paired_prefix_sums(numbers, self.entering.order, self.leaving.order)
        return entering.differences(leaving, self.entered, self.left)

    def _idle(self, nulls: Mask | None) -> Mask | None:
        """Which facts weigh nothing; None for none."""
        if nulls is None or self.never is None:
            return self.never if nulls is None else nulls
        return nulls | self.never

    def _counted(self, weighs: Mask) -> Ints:
        entering, leaving = (
            np.concatenate(([0], np.cumsum(weighs if order is None else weighs[order], dtype=np.int64)))
            for order in (self.entering.order, self.leaving.order)
        )
        return entering[self.entered] - leaving[self.left]

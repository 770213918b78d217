"""How often a training is saved: from what saving costs, and how often trainings are interrupted."""

import math
import statistics
from collections import deque
from dataclasses import dataclass

_REMEMBERED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """Saving that costs C seconds, with M seconds between interruptions, is best done every sqrt(2 C M) seconds (Young,
    "A first order approximation to the optimum checkpoint interval", 1974; Daly 2006 adds terms that vanish for
    C << M). `least_s` and `most_s` bound that. Above both stands the promise that saving takes at most the share
    `overhead` of the time: never more often than every C / overhead seconds.
    """

    overhead: float = 0.02
    between_interruptions_s: float = 86_400.0
    least_s: float = 1.0
    most_s: float = 3_600.0

    def interval_s(self, cost_s: float) -> float:
        """Seconds from one checkpoint to the next, when one costs `cost_s`."""
        best = math.sqrt(2.0 * cost_s * self.between_interruptions_s)
        return max(min(max(best, self.least_s), self.most_s), cost_s / self.overhead)


class Costs:
    """What the last checkpoints cost: the time that the training stood still, and the processor time of writing."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._last: deque[float] = deque(maxlen=_REMEMBERED)
        self._cost_s: float | None = None

    def add(self, cost_s: float) -> None:
        """One more."""
        self._last.append(cost_s)
        self._cost_s = statistics.median(self._last)

    def cost_s(self) -> float | None:
        """Their median; None before the first."""
        return self._cost_s

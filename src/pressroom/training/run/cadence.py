"""How often a checkpoint is taken: by time, adapted to what one costs. Decisions only."""

import math
from dataclasses import dataclass

from pressroom.values import InvalidInput

_MEMORY = 0.3
"""The weight of the newest measurement in the running cost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """How a run wants its checkpoints. Seconds.

    With `every_s` they come so often. Without, the interval is the larger of two: what keeps the time in which training
    stands still under `most_share` of all time, and sqrt(2 C M), at which time lost to checkpoints and time lost to
    failures are least together (Young 1974), for a cost C and one failure in M = `failure_every_s`; and it lies between
    `least_s` and `most_s`, of which the share goes before.
    """

    every_s: float | None = None
    most_share: float = 0.02
    failure_every_s: float = 3 * 3600.0
    least_s: float = 5.0
    most_s: float = 600.0

    def __post_init__(self) -> None:
        """Refuse what can't be kept to."""
        if not 0 < self.most_share < 1 or self.failure_every_s <= 0 or not 0 <= self.least_s <= self.most_s:
            raise InvalidInput(
                f"{self} is no cadence.", next_step="A share is between 0 and 1, and the least is not over the most."
            )
        if self.every_s is not None and self.every_s < 0:
            raise InvalidInput(f"Checkpoints every {self.every_s} s.", next_step="Give seconds, 0 for every step.")

    def interval_s(self, cost_s: float) -> float:
        """Seconds from one checkpoint to the next, where one holds training up for `cost_s`."""
        if self.every_s is not None:
            return self.every_s
        least_lost = math.sqrt(2.0 * cost_s * self.failure_every_s)
        wanted = min(max(least_lost, self.least_s), self.most_s)
        return max(wanted, cost_s / self.most_share)


def running_cost(before_s: float | None, measured_s: float) -> float:
    """What a checkpoint costs, by those before and the newest."""
    return measured_s if before_s is None else (1 - _MEMORY) * before_s + _MEMORY * measured_s

"""Admission: whether a request may wait, or is sent away at once. Pure decisions over how much work waits.

What waits is served by tier, the highest first, so a request waits for what is of its own tier or a higher one, and for
the batch that runs. Each tier has a part of the longest wait that is promised: the lowest fills up first and is shed
first, while the highest keeps all of its promise.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pressroom.serving.promise import TIERS, Tier

PARTS: Mapping[Tier, float] = {"high": 1.0, "normal": 0.5, "low": 0.25}
"""Which part of the longest wait each tier may use up."""

_LEAST_RETRY_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shed:
    """A request that is sent away; it may come again after `retry_after_s`."""

    wait_us: float
    retry_after_s: float


def wait_us(tier: Tier, queued_us: Mapping[Tier, float]) -> float:
    """How long a request of a tier would wait for the work that is queued, by tier."""
    return sum(queued_us.get(each, 0.0) for each in TIERS[: TIERS.index(tier) + 1])


def admit(tier: Tier, queued_us: Mapping[Tier, float], *, longest_us: float) -> Shed | None:
    """None where a request may wait; else how long it would have waited, and when it is worth coming again."""
    wait = wait_us(tier, queued_us)
    allowed = PARTS[tier] * longest_us
    if wait <= allowed:
        return None
    return Shed(wait_us=wait, retry_after_s=max(_LEAST_RETRY_S, (wait - allowed) / 1e6))


@dataclass(slots=True, kw_only=True)
class Cost:
    """What a row of an endpoint costs, learnt from batches: recent ones count more."""

    row_us: float = 200.0
    _weight: float = 0.2

    def learn(self, rows: int, took_us: float) -> None:
        """Take a batch into account."""
        self.row_us += self._weight * (took_us / max(rows, 1) - self.row_us)

    def of(self, rows: int) -> float:
        """What so many rows will cost."""
        return self.row_us * rows


def batch_rows(cost: Cost, *, longest_us: float) -> int:
    """How many rows one batch may take so that nobody waits longer for it; at least one."""
    return max(1, int(longest_us / max(cost.row_us, 0.1)))

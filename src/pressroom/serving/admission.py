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
_KEPT = 0.9
_BELIEVED, _BELIEVED_US = 4.0, 5_000.0
"""One batch is believed to have cost at most so many times what was expected, or so much, whichever is more."""


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
    """What batches of an endpoint cost: `fixed_us` each and `row_us` a row, learnt from them; recent ones count more.

    A straight line through what was seen, by least squares. Where all batches had the same size, a fifth of a row's
    part is taken for its own. A batch that took many times what was expected met a pause of the machine: it counts for
    a part, and only if the next ones are as slow is that what batches cost.
    """

    fixed_us: float = 100.0
    row_us: float = 2.0
    _count: float = 0.0
    _rows: float = 0.0
    _took: float = 0.0
    _squares: float = 0.0
    _products: float = 0.0

    def learn(self, rows: int, took_us: float) -> None:
        """Take a batch into account."""
        if rows < 1:
            return
        took_us = min(took_us, max(_BELIEVED * self.of(rows), _BELIEVED_US))
        self._count = _KEPT * self._count + 1.0
        self._rows = _KEPT * self._rows + rows
        self._took = _KEPT * self._took + took_us
        self._squares = _KEPT * self._squares + rows * rows
        self._products = _KEPT * self._products + rows * took_us
        mean_rows, mean_us = self._rows / self._count, self._took / self._count
        spread = self._squares / self._count - mean_rows * mean_rows
        together = self._products / self._count - mean_rows * mean_us
        each = mean_us / mean_rows
        self.row_us = min(each, max(0.02 * each, (together + 0.2 * each) / (spread + 1.0)))
        self.fixed_us = max(0.0, mean_us - self.row_us * mean_rows)

    def of(self, rows: int) -> float:
        """What a batch of so many rows will take."""
        return self.fixed_us + self.row_us * rows

    def more(self, rows: int, *, longest_us: float) -> float:
        """What a request adds to the work that waits: its rows, and its part of what a batch costs besides, if batches
        take up to `longest_us`. A request that fills a batch shares it with nobody.
        """
        return self.row_us * rows + self.fixed_us * min(1.0, rows / batch_rows(self, longest_us=longest_us))


def batch_rows(cost: Cost, *, longest_us: float) -> int:
    """How many rows one batch may take so that nobody waits longer for it; at least one."""
    return max(1, int((longest_us - cost.fixed_us) / max(cost.row_us, 0.01)))

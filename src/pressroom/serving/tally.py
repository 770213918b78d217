"""Tallies: what the answers of one variant were like, as plain numbers that add up."""

from bisect import bisect_left
from dataclasses import dataclass, field

BOUNDS_US = (50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000)
"""Upper bounds of the classes of durations; the last class has none."""


def _classes() -> list[int]:
    return [0] * (len(BOUNDS_US) + 1)


@dataclass(slots=True, kw_only=True)
class Tally:
    """Counts of rows: `failed` ones met an error or got a fallback; `spent_us` are durations for one row, by class."""

    rows: int = 0
    failed: int = 0
    total: float = 0.0
    total_us: int = 0
    spent_us: list[int] = field(default_factory=_classes)

    def note(self, predictions: list[float], each_us: int) -> None:
        """Count answers that took `each_us` a row."""
        self.rows += len(predictions)
        self.total += sum(predictions)
        self.total_us += each_us * len(predictions)
        self.spent_us[bisect_left(BOUNDS_US, each_us)] += len(predictions)

    def note_failed(self, rows: int) -> None:
        """Count rows that another had to answer, or nobody could."""
        self.rows += rows
        self.failed += rows

    def answered(self) -> int:
        """Rows that were answered as meant."""
        return self.rows - self.failed

    def mean(self) -> float:
        """The mean prediction; 0 where there is none."""
        return self.total / self.answered() if self.answered() else 0.0

    def quantile_us(self, q: float) -> float:
        """An upper bound of the `q` quantile of durations: the bound of its class (twice the last one beyond)."""
        least, seen = q * self.answered(), 0
        for bound, count in zip((*BOUNDS_US, 2 * BOUNDS_US[-1]), self.spent_us, strict=True):
            seen += count
            if seen >= least:
                return float(bound)
        return float(2 * BOUNDS_US[-1])

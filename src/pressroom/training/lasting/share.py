"""Shares: which rows of a batch are whose, where several workers train on it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One worker of so many, from 0."""

    place: int = 0
    of: int = 1

    def rows(self, batch: Places) -> Places:
        """Its rows of a batch: the shares of all are the batch, in its order, and differ by one row at most.

        A worker whose share is empty gets the first row again, for models that can't take none; it counts for nothing.
        """
        start, end = self._bounds(len(batch))
        return batch[start:end] if end > start else batch[:1]

    def weight(self, count: int) -> float:
        """Which part of a batch of `count` rows its share is. Those of all workers add up to 1."""
        if count == 0:
            return 1.0 / self.of
        start, end = self._bounds(count)
        return (end - start) / count

    def _bounds(self, count: int) -> tuple[int, int]:
        return count * self.place // self.of, count * (self.place + 1) // self.of


WHOLE = Part()
"""Everything, as who trains alone."""

"""Searching: how many facts lie up to an instant, for many (key, instant) at once."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pressroom.features.kernel.order import Ints, blocks, reach

_ROOM = 1 << 62


@dataclass(frozen=True, kw_only=True, eq=False)
class Sorted:
    """An instant of each fact of a timeline, sorted by (key, instant, place).

    `order` takes the timeline's columns into that order; None: they are in it. Key by key, the entries of key k are
    those from `starts[k]` to `starts[k + 1]`.
    """

    order: Ints | None
    keys: Ints
    instants: Ints
    starts: Ints

    def count_until(self, keys: Ints, instants: Ints, *, less_us: int = 0) -> Ints:
        """For each asked (key, instant): how many entries lie before its key, plus those of its key up to the instant
        less `less_us`. Quick for rows that are nearly sorted.
        """
        if self._flat is None:
            return self._bisected(keys, instants - less_us)
        low, span = self._reach
        out = np.empty(len(keys), dtype=np.int64)
        for block in blocks(len(keys)):
            asked = instants[block] - (low + less_us - 1)
            np.clip(asked, 0, span + 1, out=asked)
            asked += keys[block] * (span + 2)
            out[block] = _search(self._flat, asked)
        return out

    @cached_property
    def _reach(self) -> tuple[int, int]:
        return reach(self.instants)

    @cached_property
    def _flat(self) -> Ints | None:
        """Key and instant as one number; None where it has no room for both."""
        low, span = self._reach
        if not len(self.keys) or (int(self.keys[-1]) + 2) * (span + 2) >= _ROOM:
            return None
        flat = self.keys * (span + 2)
        flat += self.instants
        flat += 1 - low
        return flat

    def _bisected(self, keys: Ints, until: Ints) -> Ints:
        """The same without a common number for key and instant: all rows halve their own range together."""
        low, high = self.starts[keys].copy(), self.starts[keys + 1].copy()
        while True:
            middle = (low + high) >> 1
            open_ = low < high
            if not open_.any():
                return low
            right = np.zeros(len(low), dtype=bool)
            right[open_] = self.instants[middle[open_]] <= until[open_]
            low = np.where(open_ & right, middle + 1, low)
            high = np.where(open_ & ~right, middle, high)


def _search(flat: Ints, asked: Ints) -> Ints:
    """`flat.searchsorted` to the right, in the part of it where neighbours are found."""
    low, high = flat.searchsorted((asked.min(), asked.max()), side="right")
    found = flat[low:high].searchsorted(asked, side="right")
    found += low
    return found

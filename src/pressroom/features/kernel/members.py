"""Members: which facts are in each row's window, one by one, for aggregates that no running sum can give.

Their number is the sum of all windows' sizes, so rows are taken a piece at a time.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pressroom.features.kernel.asked import Asked
from pressroom.features.kernel.timeline import Ints, Timeline

_AT_ONCE = 2_000_000
"""Members in a piece: about 50 MB of work space."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """The facts in the windows of the rows `low` to `high` of those that ask.

    Row `low + k` has the places `places[bounds[k]:bounds[k + 1]]` of the timeline, in the order of (event, known, seq).
    """

    low: int
    high: int
    places: Ints
    bounds: Ints

    def rows(self) -> Ints:
        """For each member, whose it is, counted from 0 within the piece."""
        return np.repeat(np.arange(self.high - self.low), np.diff(self.bounds))

    def keep(self, wanted: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> "Members":
        """The members for which `wanted` holds."""
        counts = np.concatenate(([0], np.cumsum(wanted)))
        return Members(low=self.low, high=self.high, places=self.places[wanted], bounds=counts[self.bounds])


def members(line: Timeline, window_us: int, asked: Asked, *, hop_us: int | None = None) -> Iterator[Members]:
    """The members of all rows' windows `[t - window, t)`, in pieces, the rows in order. With `hop_us`, windows start at
    the whole multiple of it that is next before.
    """
    if hop_us is None:
        low = asked.count_until(line.by_event, less_us=window_us + 1)
    else:
        start = (asked.instants - window_us) // hop_us * hop_us
        low = line.by_event.count_until(asked.keys, start - 1)
    high = asked.count_until(line.by_event, less_us=1)
    total = np.concatenate(([0], np.cumsum(high - low)))
    at = 0
    while at < len(low):
        end = int(np.searchsorted(total, total[at] + _AT_ONCE, side="right")) - 1
        end = min(max(end, at + 1), len(low))
        yield _piece(line, low[at:end], high[at:end], asked.instants[at:end], at)
        at = end


def _piece(line: Timeline, low: Ints, high: Ints, instants: Ints, at: int) -> Members:
    counts = high - low
    bounds = np.concatenate(([0], np.cumsum(counts)))
    places = np.arange(bounds[-1]) + np.repeat(low - bounds[:-1], counts)
    found = Members(low=at, high=at + len(low), places=places, bounds=bounds)
    when = np.repeat(instants, counts)
    seen = line.known[places] <= when
    if line.until is not None:
        seen &= line.until[places] > when
    return found if bool(seen.all()) else found.keep(seen)

"""Lookups: the newest fact as of t, and the next one after t, for many (key, t) at once.

The newest visible fact is the greatest by (event, known, seq) among those with `max(event, known) <= t`. Taken in the
order in which facts become visible, the greatest so far is a running maximum, so one search finds it.
"""

from dataclasses import replace

import numpy as np

from pressroom.features.kernel.asked import Asked
from pressroom.features.kernel.timeline import Ints, Timeline

NOBODY = -1
"""Stands for: there is no such fact."""


def newest(line: Timeline, asked: Asked) -> Ints:
    """For each asked row, the place in the timeline of the newest fact it can see, or NOBODY."""
    by_event = line.sort(line.event, ties=True)
    visible = np.maximum(line.event, line.known)
    ordered = visible[by_event.order]
    same_key = by_event.keys[1:] == by_event.keys[:-1]
    if bool((~same_key | (ordered[1:] >= ordered[:-1])).all()):
        by_visible, greatest = replace(by_event, instants=ordered), by_event.order
    else:
        rank = np.empty(len(visible), dtype=np.int64)
        rank[by_event.order] = np.arange(len(visible))
        by_visible = line.sort(visible, ties=True)
        greatest = by_event.order[np.maximum.accumulate(rank[by_visible.order])]
    until = by_visible.count_until(asked.keys, asked.instants)
    first = by_visible.starts[asked.keys]
    found = np.full(len(until), NOBODY, dtype=np.int64)
    some = until > first
    found[some] = greatest[until[some] - 1]
    return found


def following(line: Timeline, asked: Asked) -> Ints:
    """For each asked row, the place of the first fact with `event > t`; of several at once the one known last."""
    by_event = line.sort(line.event, ties=True)
    after = by_event.count_until(asked.keys, asked.instants)
    end = by_event.starts[asked.keys + 1]
    found = np.full(len(after), NOBODY, dtype=np.int64)
    some = after < end
    instants = by_event.instants[after[some]]
    found[some] = by_event.order[by_event.count_until(asked.keys[some], instants) - 1]
    return found

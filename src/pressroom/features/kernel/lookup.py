"""Lookups: the newest fact as of t, and the next one after t, for many (key, t) at once.

The newest visible fact is the greatest by (event, known, seq) among those with `max(event, known) <= t` that are not
known to be wrong by t. Taken in the order in which facts become visible, the greatest so far is a running maximum, so
one search finds it; rows whose newest fact turned out wrong step back from there.
"""

import numpy as np

from pressroom.features.kernel.asked import Asked
from pressroom.features.kernel.order import Ints, blocks
from pressroom.features.kernel.timeline import Timeline

NOBODY = -1
"""Stands for: there is no such fact."""


def newest(line: Timeline, asked: Asked) -> Ints:
    """For each asked row, the place in the timeline of the newest fact it can see, or NOBODY."""
    if line.until is not None:
        return _step_back(line, line.until, asked)
    seen = asked.count_until(line.visible)
    greatest = None if line.visible.order is None else np.maximum.accumulate(line.visible.order)
    found = np.empty(len(seen), dtype=np.int64)
    for block in blocks(len(seen)):
        entry = seen[block] - 1
        place = entry if greatest is None else greatest[entry]
        found[block] = np.where(entry < line.starts[asked.keys[block]], NOBODY, place)
    return found


def _step_back(line: Timeline, until: Ints, asked: Asked) -> Ints:
    """From the greatest fact by event, back past those not known yet and those known to be wrong."""
    first = line.starts[asked.keys]
    at = asked.count_until(line.by_event) - 1
    found = np.full(len(at), NOBODY, dtype=np.int64)
    open_ = np.flatnonzero(at >= first)
    while len(open_):
        place = at[open_]
        instants = asked.instants[open_]
        seen = (line.known[place] <= instants) & (until[place] > instants)
        found[open_[seen]] = place[seen]
        open_ = open_[~seen]
        at[open_] -= 1
        open_ = open_[at[open_] >= first[open_]]
    return found


def following(line: Timeline, asked: Asked) -> Ints:
    """For each asked row, the place of the first fact with `event > t`; of several at once the one known last."""
    after = asked.count_until(line.by_event)
    end = line.starts[asked.keys + 1]
    found = np.full(len(after), NOBODY, dtype=np.int64)
    some = after < end
    found[some] = line.by_event.count_until(asked.keys[some], line.event[after[some]]) - 1
    return found


def rows_at(
    line: Timeline, asked: Asked, places: Ints, *, ttl_us: int | None = None, within_us: int | None = None
) -> Ints:
    """The rows of the fact's table at places found for the rows that ask, in the order of the spine.

    NOBODY where there is no place or no key, where the fact is older than `ttl_us`, or later than `within_us`.
    """
    rows = np.full(len(places), NOBODY, dtype=np.int64)
    for block in blocks(len(places) if len(line.rows) else 0):
        place = places[block]
        missing = place == NOBODY
        age_us = asked.instants[block] - line.event[place]
        if ttl_us is not None:
            missing |= age_us > ttl_us
        if within_us is not None:
            missing |= -age_us > within_us
        rows[block] = np.where(missing, NOBODY, line.rows[place])
    rows = asked.as_asked(rows)
    rows[asked.nulls] = NOBODY
    return rows

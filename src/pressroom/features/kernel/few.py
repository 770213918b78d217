"""A few of a row's members: the newest, and the values that occur most often. How many each row has varies."""

import numpy as np

from pressroom.features.kernel.members import Members
from pressroom.features.kernel.timeline import Ints


def newest_few(found: Members, most: int) -> tuple[Ints, Ints]:
    """Where the timeline has each row's newest members, the newest first, `most` at most; and how many each row has."""
    counts = np.minimum(np.diff(found.bounds), most)
    return found.places[np.repeat(found.bounds[1:] - 1, counts) - _within(counts)], counts


def most_frequent(found: Members, codes: Ints, most: int) -> tuple[Ints, Ints]:
    """Each row's most frequent codes, `most` at most, of equally frequent ones the least first; and how many each row
    has.
    """
    rows, values = found.rows(), codes[found.places]
    order = np.lexsort((values, rows))
    rows, values = rows[order], values[order]
    fresh = np.ones(len(rows), dtype=bool)
    fresh[1:] = (rows[1:] != rows[:-1]) | (values[1:] != values[:-1])
    starts = np.flatnonzero(fresh)
    rows, values, often = rows[starts], values[starts], np.diff(np.append(starts, len(values)))
    order = np.lexsort((values, -often, rows))
    different = np.bincount(rows, minlength=found.high - found.low)
    counts = np.minimum(different, most)
    return values[order][np.repeat(np.cumsum(different) - different, counts) + _within(counts)], counts


def _within(counts: Ints) -> Ints:
    """0, 1, 2 ... for each of the counts."""
    return np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)

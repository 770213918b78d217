"""Orders by (key, instant), for columns of which most are nearly in order when they come.

Key, instant and row are packed into one number and the numbers are sorted, which is many times quicker than sorting
places. Where the number has no room for whole instants, only their upper bits are in it; what that leaves undone is
settled after, among the few rows that it concerns.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32 | np.int64]
_BITS = 62
"""Of the one number."""
_BLOCK = 1 << 14
"""Rows looked at in one go: what is worked out about them stays in the processor's cache."""


def blocks(rows: int) -> Iterator[slice]:
    """Slices that cover `rows` rows, each small enough to stay in the processor's cache."""
    return (slice(start, start + _BLOCK) for start in range(0, rows, _BLOCK))


def reach(instants: Ints) -> tuple[int, int]:
    """The least instant, and how far the greatest is from it."""
    if not len(instants):
        return 0, 0
    low = int(instants.min())
    return low, int(instants.max()) - low


def near_order(keys: Codes, instants: Ints) -> tuple[Ints, Ints]:
    """The places of rows by key (from 0 on) and nearly by instant, which is as kind to searches as the order itself;
    and the keys in that order.
    """
    row_bits = len(keys).bit_length()
    time_bits = _time_bits(keys, row_bits)
    if time_bits < 0:
        order = np.lexsort((instants, keys))
        return order, keys[order].astype(np.int64)
    packed = _packed(keys, instants, row_bits, time_bits)
    order = packed & ((1 << row_bits) - 1)
    packed >>= row_bits + time_bits
    return order, packed


def exact_order(keys: Codes, instants: Ints, *ties: Ints) -> tuple[Ints, Ints]:
    """The places of rows by (key, instant, ties, row), and the keys in that order; keys count from 0."""
    row_bits = len(keys).bit_length()
    time_bits = _time_bits(keys, row_bits)
    if time_bits < 0:
        order = np.lexsort((*reversed(ties), instants, keys))
        return order, keys[order].astype(np.int64)
    packed = _packed(keys, instants, row_bits, time_bits)
    order = packed & ((1 << row_bits) - 1)
    packed >>= row_bits
    order = _settled(order, packed[1:] == packed[:-1], (instants, *ties))
    packed >>= time_bits
    return order, packed


def _packed(keys: Codes, instants: Ints, row_bits: int, time_bits: int) -> Ints:
    """Sorted numbers of key, instant (as much of it as there is room for) and row."""
    low, span = reach(instants)
    shift = max(span.bit_length() - time_bits, 0)
    packed = np.arange(len(keys), dtype=np.int64)
    for block in blocks(len(keys)):
        upper = instants[block] - low
        upper >>= shift
        upper += keys[block].astype(np.int64) << time_bits
        upper <<= row_bits
        packed[block] += upper
    packed.sort()
    return packed


def _time_bits(keys: Codes, row_bits: int) -> int:
    return _BITS - row_bits - int(keys.max(initial=0)).bit_length()


def _settled(order: Ints, same: npt.NDArray[np.bool_], columns: tuple[Ints, ...]) -> Ints:
    """The order with rows that are the `same` as the one before put right by `columns`, among themselves."""
    before, after = order[:-1][same], order[1:][same]
    wrong, equal = np.zeros(len(before), dtype=np.bool_), np.ones(len(before), dtype=np.bool_)
    for column in columns:
        first, second = column[before], column[after]
        wrong |= equal & (second < first)
        equal &= second == first
    if not wrong.any():
        return order
    runs = np.cumsum(np.concatenate(([True], ~same)))
    several = np.concatenate((same, [False]))
    several[1:] |= same
    places = np.flatnonzero(several)
    rows = order[places]
    order[places] = rows[np.lexsort((rows, *(column[rows] for column in reversed(columns)), runs[places]))]
    return order

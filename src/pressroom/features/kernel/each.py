"""Aggregates over members: least, greatest, first, quantile, different values, decayed mean, spread."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from pressroom.features.kernel.members import Members
from pressroom.stats import FAR, count_sketched, prefix_sums, sample_deviation, squares_in_two

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Numbers = npt.NDArray[Any]
"""float64, or int64 where one of a field's whole numbers is picked."""
Mask = npt.NDArray[np.bool_]
Answer = tuple[Numbers, Mask]
"""A value for each row of a piece, and which of them are null."""


def least(found: Members, numbers: Numbers) -> Answer:
    """The least value; NaN if one of them is."""
    return _reduced(found, numbers[found.places], np.minimum.reduceat)


def greatest(found: Members, numbers: Numbers) -> Answer:
    """The greatest value; NaN if one of them is."""
    return _reduced(found, numbers[found.places], np.maximum.reduceat)


def quantile(found: Members, numbers: Numbers, q: float) -> Answer:
    """The value of rank ceil(q n); NaN if one of them is."""
    values, counts = numbers[found.places], np.diff(found.bounds)
    ordered = values[np.lexsort((values, found.rows()))]
    empty = counts == 0
    rank = np.maximum(np.ceil(q * counts).astype(np.int64), 1)
    out = np.zeros(len(counts), dtype=numbers.dtype)
    # Sorting puts NaN last, so the last value of a row says whether there is one.
    last = ordered[found.bounds[1:][~empty] - 1]
    out[~empty] = np.where(np.isnan(last), last, ordered[(found.bounds[:-1] + rank - 1)[~empty]])
    return out, empty


def different(found: Members, codes: Ints) -> Answer:
    """How many different codes there are."""
    rows, values = found.rows(), codes[found.places]
    order = np.lexsort((values, rows))
    rows, values = rows[order], values[order]
    fresh = np.ones(len(rows), dtype=bool)
    fresh[1:] = (rows[1:] != rows[:-1]) | (values[1:] != values[:-1])
    counts = np.bincount(rows[fresh], minlength=found.high - found.low).astype(np.float64)
    return counts, np.zeros(len(counts), dtype=bool)


def about_different(found: Members, identities: Ints) -> Answer:
    """About how many different values there are, each known by a whole number."""
    rows, values = found.rows(), identities[found.places]
    order = np.lexsort((values, rows))
    rows, values = rows[order], values[order]
    fresh = np.ones(len(rows), dtype=bool)
    fresh[1:] = (rows[1:] != rows[:-1]) | (values[1:] != values[:-1])
    counts = np.bincount(rows[fresh], minlength=found.high - found.low)
    ends = np.cumsum(counts).tolist()
    different = values[fresh].tolist()
    answers = [count_sketched(different[start:end]) for start, end in pairwise([0, *ends])]
    return np.array(answers, dtype=np.float64), np.zeros(len(answers), dtype=bool)


def decayed_mean(found: Members, numbers: Floats, age_us: Ints, half_life_us: int) -> Answer:
    """The mean with weights 2 ** -(age / half-life); both sums are correctly rounded."""
    weights = np.exp2(-(age_us / half_life_us))
    low, high = found.bounds[:-1], found.bounds[1:]
    below = prefix_sums(weights).between(low, high)
    with np.errstate(invalid="ignore"):
        weighed = weights * numbers[found.places]
    above = prefix_sums(weighed).between(low, high)
    empty = below == 0.0
    return above / np.where(empty, 1.0, below), empty


def deviation(found: Members, numbers: Floats) -> Answer:
    """The standard deviation of a sample, from three correctly rounded sums of differences to the earliest value.

    The differences of a row are scaled by a power of two, so that no square is too large or too small for a float.
    """
    counts = np.diff(found.bounds)
    few = counts < 2
    values = numbers[found.places]
    quarters = 2 * (_reduced(found, np.abs(values), np.maximum.reduceat)[0] > FAR)
    if quarters.any():
        values = np.ldexp(values, -np.repeat(quarters, counts))
    first = np.zeros(len(counts))
    first[counts > 0] = values[found.bounds[:-1][counts > 0]]
    with np.errstate(over="ignore", invalid="ignore"):
        apart = values - np.repeat(first, counts)
    largest, _ = _reduced(found, np.abs(apart), np.maximum.reduceat)
    scale = np.frexp(largest)[1]
    apart = np.ldexp(apart, -np.repeat(scale, counts))
    low, high = found.bounds[:-1], found.bounds[1:]
    sums = [prefix_sums(part).between(low, high) for part in (apart, *squares_in_two(apart))]
    with np.errstate(over="ignore"):
        return np.ldexp(sample_deviation(np.where(few, 2, counts), *sums), scale + quarters), few


def _reduced(found: Members, values: Numbers, reduce: Callable[..., Numbers]) -> Answer:
    """The members' `values` of each row made one."""
    empty = np.diff(found.bounds) == 0
    out = np.zeros(len(empty), dtype=values.dtype)
    if not empty.all():
        out[~empty] = reduce(values, found.bounds[:-1][~empty])
    return out, empty

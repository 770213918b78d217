"""Exact quantiles by nearest rank: the answer is one of the numbers seen, never something between two of them."""

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from pressroom.values import InvalidInput


def quantiles(values: npt.NDArray[np.float64], levels: Sequence[float]) -> tuple[float, ...]:
    """For each level q, 0 < q <= 1, the smallest number that at least the share q of the numbers does not exceed.

    That is the ceil(q n)-th smallest, q taken as the decimal it is written as: 0.07 of 100 numbers is the 7th. Refuses
    no numbers, NaN, and levels outside the range. Takes one pass (a partition), not a sort.
    """
    if not len(values) or np.isnan(values).any():
        raise InvalidInput("Quantiles want numbers, and no NaN.", next_step="Leave out what is missing first.")
    if not all(0.0 < level <= 1.0 for level in levels):
        raise InvalidInput("A quantile's level lies in 0 < q <= 1.", next_step="Write the 99th percentile as 0.99.")
    ranks = [math.ceil(Fraction(repr(float(level))) * len(values)) - 1 for level in levels]
    parted = np.partition(values, sorted(set(ranks)))
    return tuple(float(parted[rank]) for rank in ranks)


def quantile(values: npt.NDArray[np.float64], level: float) -> float:
    """One quantile: see `quantiles`."""
    return quantiles(values, (level,))[0]


def p50(values: npt.NDArray[np.float64]) -> float:
    """The median by nearest rank: of an even number of values, the lower of the two in the middle."""
    return quantile(values, 0.5)


def p99(values: npt.NDArray[np.float64]) -> float:
    """What at most one in a hundred exceeds."""
    return quantile(values, 0.99)

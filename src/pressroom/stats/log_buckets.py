"""Buckets whose width grows with the number: any number is within 1 % of what stands for its bucket.

After Masson, Rim, Lee: DDSketch: a fast and fully-mergeable quantile sketch with relative-error guarantees, VLDB 2019.
With error a and g = (1 + a) / (1 - a), bucket k holds g ** (k - 1) < x <= g ** k, and 2 g ** k / (g + 1) stands for
it. The bounds are those that repeated multiplication by g (below 1: division) gives in floats, so that they are the
same on every machine and a bucket is found by comparing, not by a logarithm.

Negative numbers have the mirrored buckets. Numbers nearer to 0 than 2 ** -1022 count as 0; infinities are buckets of
their own; NaN is a bucket behind all others.
"""

import sys
from functools import cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

RELATIVE_ERROR = 0.01
NAN_BUCKET = 1 << 20
_GROWTH = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR)
_LARGEST, _SMALLEST = sys.float_info.max, sys.float_info.min


def buckets(numbers: Floats) -> Ints:
    """The bucket of each number: greater numbers have greater or equal ones; 0 is that of 0."""
    size = np.abs(numbers)
    found = _bounds().searchsorted(size, side="left").astype(np.int64)
    found[size < _SMALLEST] = 0
    # Where there is a finite bound above every finite number, infinity must still have a bucket of its own.
    found[np.isinf(size)] = len(_bounds()) + 1
    return np.where(np.isnan(numbers), NAN_BUCKET, np.where(numbers < 0, -found, found))


def standing_for(found: Ints) -> Floats:
    """The number that stands for each bucket."""
    nan = found == NAN_BUCKET
    numbers = _numbers()[np.where(nan, 0, np.abs(found))]
    return np.where(nan, np.nan, np.where(found < 0, -numbers, numbers))


@cache
def _bounds() -> Floats:
    """The upper bounds of the buckets of positive numbers from bucket 1 on, and before them the bound below all."""
    above, below = [1.0], [1.0 / _GROWTH]
    while above[-1] * _GROWTH <= _LARGEST:
        above.append(above[-1] * _GROWTH)
    while below[-1] >= _SMALLEST:
        below.append(below[-1] / _GROWTH)
    return np.array([*reversed(below), *above])


@cache
def _numbers() -> Floats:
    """What stands for each bucket, by its number from 0 on."""
    middles = np.minimum(_bounds() * (2 * _GROWTH / (_GROWTH + 1)), _LARGEST)
    return np.concatenate(([0.0], middles, [np.inf]))

"""Salted hashing of units into buckets: the whole of random assignment.

Same salt and unit, same bucket, on every machine, for ever; different salts are independent of each other.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import xxhash

BUCKETS = 10_000
"""Shares are whole numbers of buckets, so 0.01 % is the smallest step of a ramp."""

_SEPARATOR = b"\x00"


def bucket_of(salt: str, unit: str) -> int:
    """The bucket, 0 to 9,999, of `unit` under `salt`; a NUL keeps the two apart."""
    return xxhash.xxh3_64_intdigest(salt.encode() + _SEPARATOR + unit.encode()) % BUCKETS


def buckets_of(salt: str, units: Sequence[str]) -> npt.NDArray[np.int64]:
    """`bucket_of` for many units."""
    prefix, digest = salt.encode() + _SEPARATOR, xxhash.xxh3_64_intdigest
    buckets = (digest(prefix + unit.encode()) % BUCKETS for unit in units)
    return np.fromiter(buckets, dtype=np.int64, count=len(units))

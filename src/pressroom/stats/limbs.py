"""Floats cut into whole-number limbs on one power-of-two grid.

A column `x` becomes `sum(limb[j] * 2**exponent[j])`, exactly. Limbs are narrow enough that the sum of a whole column
of them fits 62 bits, so prefix sums of limbs, and differences of those, are exact. The exponents of neighbouring limbs
are `bits` apart.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_MOST_LIMBS = 6
_SUM_BITS = 62
_FLOAT_BITS = 53
_WIDEST_LIMB = 52
"""A carried limb must be an exact float."""
_SMALL = -500
_LIFT = 512
"""Columns below 2**-500 are multiplied by 2**512 first, so that no grid leaves the range of normal floats."""
_BLOCK = 1 << 16
"""Values looked at in one go: 512 KiB stay in the processor's cache."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A column in limbs, the highest first; `exponents` holds log2 of each limb's unit.

    `far` holds the places of values whose magnitude is too far from the others' for the limbs there are: they count as
    0 here and are added by other means.
    """

    limbs: tuple[Ints, ...]
    exponents: tuple[int, ...]
    far: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What a column holds: its largest magnitude (NaN or inf if there is one), and whether all are whole numbers."""

    largest: float
    whole: bool


def blocks(rows: int) -> Iterator[slice]:
    """Slices that cover `rows` rows, each small enough to stay in the processor's cache."""
    return (slice(start, start + _BLOCK) for start in range(0, rows, _BLOCK))


def survey(values: Floats) -> Survey:
    """Look at every value once."""
    largest, whole = 0.0, True
    for block in blocks(len(values)):
        part = values[block]
        largest = float(np.maximum(largest, np.maximum(part.max(), -part.min())))
        whole = whole and bool((np.trunc(part) == part).all())
    return Survey(largest=largest, whole=whole)


def split(values: Floats, seen: Survey) -> Split:
    """Cut finite values, surveyed as `seen`, into limbs.

    Whole numbers whose sums stay below 2**62 are their own only limb: integer sums are quicker than sums of floats.
    """
    largest = seen.largest
    if seen.whole and largest <= math.ldexp(1.0, _bits(len(values))):
        return Split(limbs=(values.astype(np.int64),), exponents=(0,), far=_nowhere())
    near = _cut(values, largest)
    if near is not None:
        return near
    far = _outside_densest(values)
    kept = values.copy()
    kept[far] = 0.0
    cut = _cut(kept, survey(kept).largest)
    if cut is None:
        raise AssertionError("values of one window fit the limbs of that window")
    return Split(limbs=cut.limbs, exponents=cut.exponents, far=far)


def _nowhere() -> Ints:
    return np.empty(0, dtype=np.int64)


def _bits(rows: int) -> int:
    """Of a limb: `rows` of them add up to less than 2**62."""
    return min(_WIDEST_LIMB, _SUM_BITS - rows.bit_length())


def _cut(values: Floats, largest: float) -> Split | None:
    """Limbs from the highest down until nothing is left; None if the limbs do not reach."""
    bits = _bits(len(values))
    top = math.frexp(largest)[1]
    lift = _LIFT if top < _SMALL else 0
    rest = np.ldexp(values, lift) if lift else values
    limbs: list[Ints] = []
    exponents: list[int] = []
    unit = top + lift
    while len(limbs) < _MOST_LIMBS:
        unit -= bits
        limb = (rest * math.ldexp(1.0, -unit)).astype(np.int64)
        rest = rest - limb * math.ldexp(1.0, unit)
        limbs.append(limb)
        exponents.append(unit - lift)
        if not rest.any():
            return Split(limbs=tuple(limbs), exponents=tuple(exponents), far=_nowhere())
    return None


def _outside_densest(values: Floats) -> Ints:
    """The places of values outside the window of exponents that the limbs can span and that holds most values."""
    places = np.flatnonzero(values)
    exponents = np.frexp(values[places])[1].astype(np.int64)
    lowest = int(exponents.min())
    below = np.concatenate([[0], np.cumsum(np.bincount(exponents - lowest))])
    width = _MOST_LIMBS * _bits(len(values)) - _FLOAT_BITS
    starts = np.arange(len(below) - 1)
    held = below[np.minimum(starts + width, len(below) - 1)] - below[starts]
    start = lowest + int(held.argmax())
    return places[(exponents < start) | (exponents >= start + width)]

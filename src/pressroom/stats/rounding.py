"""The way back from limbs to one float: the one nearest to the exact sum, ties to even. Nothing else is rounded."""

import math

import numpy as np

from pressroom.stats.limbs import Floats, Ints

_LEAST_NORMAL, _GREATEST = -1022, 1023
"""Powers of two that are normal floats: multiplying by one is quicker than ldexp."""


def rounded(sums: list[Ints], exponents: tuple[int, ...]) -> Floats:
    """The float nearest to `sum(sums[j] * 2**exponents[j])`, ties to even; beyond the largest float, +-inf."""
    if len(sums) == 1:
        return _scaled(sums[0].astype(np.float64), exponents[0])
    bits = exponents[0] - exponents[1]
    return _scaled(_nearest(_carried(sums, bits)), exponents[-1])


def rounded_exactly(sums: list[int], exponents: list[int]) -> float:
    """`rounded` for one sum whose limbs lie on any grids, through whole numbers of any size."""
    lowest = min(0, *exponents)
    total = sum(limb << (exponent - lowest) for limb, exponent in zip(sums, exponents, strict=True))
    try:
        return total / (1 << -lowest)
    except OverflowError:
        return math.inf if total > 0 else -math.inf


def _carried(limbs: list[Ints], bits: int) -> list[Floats]:
    """The same number as exact floats in units of the lowest limb, the highest first: all but the first are at least 0
    and less than one unit of the one before."""
    mask = (1 << bits) - 1
    carry = np.zeros_like(limbs[-1])
    pieces: list[Floats] = []
    for place, limb in enumerate(reversed(limbs)):
        whole = limb + carry
        pieces.append((whole & mask).astype(np.float64) * math.ldexp(1.0, bits * place))
        carry = whole >> bits
    pieces.append(carry.astype(np.float64) * math.ldexp(1.0, bits * len(limbs)))
    pieces.reverse()
    return pieces


def _nearest(pieces: list[Floats]) -> Floats:
    """The float nearest to the sum of carried pieces.

    From the highest down, `high` holds the sum exactly until an addition loses something (`lost`). What follows then
    is less than one unit of `lost`, is not negative, and so matters only where `lost` is exactly half a step up: a tie
    that is none. Twice `lost` is then one step, and adding it is exact; the test is that of `math.fsum`.
    """
    high = pieces[0]
    lost = np.zeros(0)
    more = np.zeros(len(high), dtype=np.bool_)
    for piece in pieces[1:]:
        total = high + piece
        error = piece - (total - high)
        if not len(lost):
            high, lost = total, error if error.any() else lost
            continue
        whole = lost == 0.0
        more |= ~whole & (piece > 0.0)
        high = np.where(whole, total, high)
        lost = np.where(whole, error, lost)
    if not more.any():
        return high
    step = 2.0 * lost
    up = high + step
    return np.where(more & (lost > 0.0) & (up - high == step), up, high)


def _scaled(values: Floats, exponent: int) -> Floats:
    if exponent == 0:
        return values
    with np.errstate(over="ignore"):
        if _LEAST_NORMAL <= exponent <= _GREATEST:
            return values * math.ldexp(1.0, exponent)
        return np.ldexp(values, exponent)

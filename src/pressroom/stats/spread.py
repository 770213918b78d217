"""Standard deviation from sums that do not depend on the order of what is added.

The square of a float is split into a float and its rounding error (Dekker, 1971), so that the sum of squares is known
to twice the usual precision; what is lost is the rounding of the plain sum: relatively, about 1e-16 (mean / std)**2.
Take differences to one of the values first, and mean / std is small.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
_SPLIT = float(2**27 + 1)
FAR = 2.0**1021
"""The difference of numbers beyond may be too large for a float: a quarter of them is taken first."""


def squares_in_two(values: Floats) -> tuple[Floats, Floats]:
    """The squares of values, and what rounding took from each. Beyond 1e150 the second is 0."""
    with np.errstate(over="ignore", invalid="ignore"):
        high = values * values
        shifted = values * _SPLIT
        upper = shifted - (shifted - values)
        lower = values - upper
        low = ((upper * upper - high) + 2.0 * upper * lower) + lower * lower
    return high, np.where(np.isfinite(low) & (np.abs(values) < 1e150), low, 0.0)


def sample_deviation(count: npt.NDArray[np.int64], total: Floats, high: Floats, low: Floats) -> Floats:
    """The standard deviation of a sample of `count` values with these sums: of values, squares, and rounding errors."""
    with np.errstate(over="ignore", invalid="ignore"):
        mean_square = total * (total / count)
        rest = (high - mean_square) + low
        return np.sqrt(np.maximum(rest, 0.0) / (count - 1))

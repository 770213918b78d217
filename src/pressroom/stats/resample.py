"""How far would a figure move if the rows had been drawn again? The bootstrap (Efron 1979), by groups of rows."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from pressroom.stats.moments import Interval
from pressroom.values import InvalidInput

Floats = npt.NDArray[np.float64]
DRAWS = 1_000
MOST_GROUPS = 2_000
_SEED = 20130101


def bootstrap_mean(
    values: Floats,
    groups: npt.NDArray[np.int64] | None = None,
    *,
    level: float = 0.95,
    of: Callable[[Floats], Floats] = lambda means: means,
) -> Interval:
    """The mean of `values` (n,), or a function `of` it, with its percentile interval.

    Rows of one group are drawn together (`groups` (n,), any numbers), as rows about one subject have to be; without
    groups each row is its own. Beyond 2,000 groups, groups are put together at random first: the interval of a mean
    does not depend on that. The same values give the same interval.
    """
    if not len(values) or not np.isfinite(values).all():
        raise InvalidInput("There is nothing to draw again.", next_step="Give finite numbers, at least one.")
    draw = np.random.default_rng(_SEED)
    codes = np.arange(len(values)) if groups is None else np.unique(groups, return_inverse=True)[1]
    count = int(codes.max()) + 1
    if count > MOST_GROUPS:
        codes, count = draw.permutation(count)[codes] % MOST_GROUPS, MOST_GROUPS
    sums = np.bincount(codes, weights=values, minlength=count)
    sizes = np.bincount(codes, minlength=count).astype(np.float64)
    drawn = draw.integers(0, count, size=(DRAWS, count), dtype=np.int32)
    means = of(sums[drawn].sum(axis=1) / np.maximum(sizes[drawn].sum(axis=1), 1.0))
    low, high = np.quantile(means, [0.5 - level / 2.0, 0.5 + level / 2.0])
    estimate = float(of(np.array([values.mean()]))[0])
    return Interval(
        estimate=estimate, standard_error=float(means.std(ddof=1)), low=float(low), high=float(high), level=level
    )

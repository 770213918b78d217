"""Is one arm better than another, and were the arms filled as planned?

Formulae: Pearson's chi-square; the difference of two means with unequal variances; its ratio to the control mean by the
delta method. All are large-sample and normal, for one look at the end: peeking needs a sequential method.
"""

import math
from collections.abc import Sequence

import scipy

from pressroom.stats.moments import Interval, Sample, interval
from pressroom.values import InvalidInput

_FIRM = 5.0
"""Standard errors that a control mean must be away from 0 before anything is divided by it."""


def srm_p(counts: Sequence[int], shares: Sequence[float]) -> float:
    """The chance of counts at least this far from the planned shares: the check for a sample-ratio mismatch.

    `shares` are weights in any unit (0.5, 0.5 or 1, 1). Chi-square with one degree of freedom less than arms. Refuses
    fewer than two arms, no units at all, negative counts, shares that are not positive.
    """
    if len(counts) != len(shares) or len(counts) < 2:
        raise InvalidInput("A ratio wants two arms or more, each with its share.", next_step="Give a share an arm.")
    if min(counts) < 0 or sum(counts) == 0:
        raise InvalidInput("There are no units to compare.", next_step="Wait until the arms have been shown to units.")
    if not all(math.isfinite(share) and share > 0.0 for share in shares):
        raise InvalidInput("Every share must be positive.", next_step="Leave out the arms that get nobody.")
    per_share = sum(counts) / math.fsum(shares)
    distance = math.fsum(
        (count - share * per_share) ** 2 / (share * per_share) for count, share in zip(counts, shares, strict=True)
    )
    return float(scipy.special.chdtrc(len(counts) - 1, distance))


def difference(control: Sample, treatment: Sample, level: float = 0.95) -> Interval:
    """Treatment mean less control mean, in the unit of the metric."""
    variance = control.variance / control.n + treatment.variance / treatment.n
    return interval(treatment.mean - control.mean, math.sqrt(variance), level)


def relative_difference(control: Sample, treatment: Sample, level: float = 0.95) -> Interval | None:
    """Treatment mean over control mean, less 1, by the delta method.

    var = v_B / (n_B m_A^2) + v_A m_B^2 / (n_A m_A^4). None when the control mean is within five of its standard errors
    of 0, where the ratio has no useful normal interval: report the absolute difference.
    """
    base = control.mean
    if base == 0.0 or abs(base) < _FIRM * control.standard_error:
        return None
    ratio = treatment.mean / base
    relative = treatment.standard_error / base, ratio * control.standard_error / base
    return interval(ratio - 1.0, math.hypot(*relative), level)

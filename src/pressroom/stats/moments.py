"""Means with their uncertainty, from sums that add."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy

from pressroom.values import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """An estimate, its standard error, and the normal confidence interval of the stated level (0.95)."""

    estimate: float
    standard_error: float
    low: float
    high: float
    level: float

    @property
    def p_value(self) -> float:
        """Two-sided, against an estimate of 0, normal."""
        if self.standard_error == 0.0:
            return 1.0 if self.estimate == 0.0 else 0.0
        return float(2.0 * scipy.special.ndtr(-abs(self.estimate) / self.standard_error))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What a comparison needs of one arm: units, their mean, and the variance of one unit. Refuses an empty arm."""

    n: int
    mean: float
    variance: float

    def __post_init__(self) -> None:
        """Check that there is something to compare."""
        if self.n < 1 or not math.isfinite(self.mean) or not 0.0 <= self.variance < math.inf:
            raise InvalidInput(
                f"{self.n} units with mean {self.mean} and variance {self.variance} can't be compared.",
                next_step="Wait until the arm has units with finite values.",
            )

    @property
    def standard_error(self) -> float:
        """Of the mean."""
        return math.sqrt(self.variance / self.n)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """Count, sum and squared deviations from the mean of numbers seen; two of them add with `+`.

    `squares` is sum((x - mean)**2), merged by Chan, Golub and LeVeque (1979), so that a small variance beside a large
    mean survives; sums of raw squares would lose it.
    """

    n: int = 0
    total: float = 0.0
    squares: float = 0.0

    @staticmethod
    def of(values: npt.NDArray[np.float64]) -> "Moments":
        """The moments of finite numbers; NaN and infinities are refused."""
        if not np.isfinite(values).all():
            raise InvalidInput("Moments want finite numbers.", next_step="Leave out or fill what is missing first.")
        if not len(values):
            return Moments()
        total = float(values.sum())
        deviations = values - total / len(values)
        return Moments(n=len(values), total=total, squares=float(deviations @ deviations))

    def __add__(self, other: "Moments") -> "Moments":
        """The moments of both together."""
        if not self.n or not other.n:
            return self if self.n else other
        apart = other.mean - self.mean
        between = apart * apart * (self.n * other.n / (self.n + other.n))
        return Moments(
            n=self.n + other.n, total=self.total + other.total, squares=self.squares + other.squares + between
        )

    @property
    def mean(self) -> float:
        """Refuses to answer for no numbers."""
        self._want(1)
        return self.total / self.n

    @property
    def variance(self) -> float:
        """With n - 1 below; refuses to answer for fewer than two numbers."""
        self._want(2)
        return self.squares / (self.n - 1)

    @property
    def standard_error(self) -> float:
        """Of the mean; refuses to answer for fewer than two numbers."""
        return math.sqrt(self.variance / self.n)

    def sample(self) -> Sample:
        """As one arm of a comparison; refuses to answer for fewer than two numbers."""
        return Sample(n=self.n, mean=self.mean, variance=self.variance)

    def interval(self, level: float = 0.95) -> Interval:
        """The normal confidence interval of the mean; refuses to answer for fewer than two numbers."""
        return interval(self.mean, self.standard_error, level)

    def _want(self, least: int) -> None:
        if self.n < least:
            raise InvalidInput(f"{self.n} numbers are too few; {least} are needed.", next_step="Wait for more of them.")


def proportion(successes: int, n: int) -> Sample:
    """A share as a sample; its variance is p (1 - p), without n / (n - 1)."""
    if not 0 <= successes <= n or n == 0:
        raise InvalidInput(f"{successes} of {n} is no share.", next_step="Give 0 <= successes <= n and n > 0.")
    share = successes / n
    return Sample(n=n, mean=share, variance=share * (1.0 - share))


def interval(estimate: float, standard_error: float, level: float = 0.95) -> Interval:
    """estimate +- z * standard_error, z the normal quantile of (1 + level) / 2; a level outside (0, 1) is refused."""
    if not 0.0 < level < 1.0:
        raise InvalidInput(f"{level} is no confidence level.", next_step="Give one between 0 and 1, like 0.95.")
    reach = float(scipy.special.ndtri(0.5 + level / 2.0)) * standard_error
    return Interval(
        estimate=estimate, standard_error=standard_error, low=estimate - reach, high=estimate + reach, level=level
    )

"""Picking: the simplest model that is not surely worse than the best.

Models are compared row by row on the same rows, which none of them learnt from. The difference of their mean losses
gets a bootstrap interval; a simpler model wins while that interval holds 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pressroom.models import Floats
from pressroom.stats import bootstrap_mean

RULE = (
    "The simplest model wins that is not surely worse than the best: from the baseline over the linear model to trees "
    "and networks, the first one wins whose loss differs from the best one's by an amount whose 95 % interval "
    "(bootstrap over the same rows) holds 0."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A model against the best: how much more it loses a row, and the interval of that."""

    name: str
    more: float
    low: float
    high: float

    def inside_noise(self) -> bool:
        """Whether it may be as good as the best."""
        return self.low <= 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Picked:
    """The winner, the one with the least loss, and all against it, the simplest first."""

    winner: str
    best: str
    compared: tuple[Compared, ...]

    def words(self) -> str:
        """Why it won."""
        if self.winner == self.best:
            return "it loses least, and no simpler model comes so near that chance could be the difference"
        return f"{self.best} loses a little less, and chance alone could be that difference; {self.winner} is simpler"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Contender:
    """A model's losses on the rows that all share."""

    name: str
    losses: Floats


def pick(contenders: Sequence[Contender], groups: npt.NDArray[np.int64] | None = None) -> Picked:
    """Apply the rule to contenders, the simplest first, with losses of the same rows in the same order.

    Measured times would make the order another one each time; what each costs is told beside its quality.
    """
    best = min(contenders, key=lambda one: float(one.losses.mean()))
    compared = tuple(_compared(one, best, groups) for one in contenders)
    winner = next(one.name for one in compared if one.inside_noise())
    return Picked(winner=winner, best=best.name, compared=compared)


def _compared(one: Contender, best: Contender, groups: npt.NDArray[np.int64] | None) -> Compared:
    if one is best:
        return Compared(name=one.name, more=0.0, low=0.0, high=0.0)
    found = bootstrap_mean(one.losses - best.losses, groups)
    return Compared(name=one.name, more=found.estimate, low=found.low, high=found.high)

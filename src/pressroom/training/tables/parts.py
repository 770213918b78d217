"""Parts: which rows are learnt from, which correct and choose, and which judge once at the end."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from pressroom.values import InvalidInput, buckets_of

Flags = npt.NDArray[np.bool_]
By = Literal["time", "entity", "random"]
_SALT = "table"
_TRAIN, _STOP, _CALIBRATE = 5_000, 6_000, 8_000
"""Ten-thousandths: half learns, a tenth says when to stop, a fifth corrects and chooses, a fifth judges."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parts:
    """Rows by what they are for; every row is in one part. `learn` and `stop` together are called train.

    By time, every row of a part is later than every row of the parts before it: `cuts` are the first instants of stop,
    calibrate and test.
    """

    by: By
    learn: Flags
    stop: Flags
    calibrate: Flags
    test: Flags
    words: str
    cuts: tuple[int, ...] = ()

    def train(self) -> Flags:
        """What a model may have seen while it was fitted."""
        return self.learn | self.stop

    def names(self) -> "npt.NDArray[np.str_]":
        """Each row's part, by name."""
        return np.where(self.train(), "train", np.where(self.calibrate, "validate", "test"))


def parts_by_time(instants: npt.NDArray[np.int64], *, column: str) -> Parts:
    """In the order of time, cut between instants: rows of one instant are never on two sides.

    Refuses too few different instants.
    """
    order = np.sort(instants)
    cuts = [int(order[min(len(order) - 1, len(order) * share // 10_000)]) for share in (_TRAIN, _STOP, _CALIBRATE)]
    if not order[0] < cuts[0] < cuts[1] < cuts[2]:
        raise InvalidInput(
            f"{column} has too few different instants to split by time.",
            next_step="Name another time column, or none: then rows are split at random.",
        )
    places = np.searchsorted(np.array(cuts), instants, side="right")
    words = f"in the order of {column}: the model learns from the past and is judged on what came later"
    return _parts("time", places, words, tuple(cuts))


def parts_by_entity(entities: list[str | None], *, column: str) -> Parts:
    """All rows of one entity in one part; rows without one are learnt from, for nobody can be known from them."""
    names = sorted({name for name in entities if name is not None})
    drawn = dict(zip(names, _places(buckets_of(f"{_SALT}/{column}", names)).tolist(), strict=True))
    places = np.array([0 if name is None else drawn[name] for name in entities], dtype=np.int64)
    return _parts("entity", places, f"by {column}: all rows of one {column} are on the same side")


def parts_at_random(contents: npt.NDArray[np.int64]) -> Parts:
    """At random, the same way every time. `contents` are numbers that are equal for equal rows, which stay together."""
    found, codes = np.unique(contents, return_inverse=True)
    places = _places(buckets_of(_SALT, [str(number) for number in range(len(found))]))[codes]
    words = "at random, always the same way; rows that are equal stay on one side"
    return _parts("random", places, words)


def _places(buckets: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return np.searchsorted(np.array([_TRAIN, _STOP, _CALIBRATE]), buckets, side="right").astype(np.int64)


def _parts(by: By, places: npt.NDArray[np.int64], words: str, cuts: tuple[int, ...] = ()) -> Parts:
    learn, stop, calibrate, test = (places == place for place in range(4))
    return Parts(by=by, learn=learn, stop=stop, calibrate=calibrate, test=test, words=words, cuts=cuts)

"""Codings: from the raw columns of a table to the matrix of numbers that a fitted model takes. Plain data.

What training learned of a column (what null is taken as, its scale, its texts) is in them, so that serving does exactly
the same, and a text never seen before is taken as "any other".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from pressroom.models.signature import Column, Floats, Inputs
from pressroom.values import MICROSECONDS

HOUR_US = 3_600 * MICROSECONDS
DAY_US = 24 * HOUR_US

Way = Literal["number", "hour", "weekday", "since", "missing", "texts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coding:
    """One input as one or more columns.

    number: the input itself; hour: its hour of the day in UTC, 0 to 24; weekday: 0 on Mondays; since: hours from the
    instant in the input `origin` to it. Each is `(x - offset) * scale`, null taken as `fill` (None: stays null).
    missing: 1 where it is null, else 0. texts: the row of `table` that stands for the text; the last row is for texts
    that are not in `texts`. A null text is the text "".
    """

    input: str
    way: Way
    origin: str = ""
    fill: float | None = None
    offset: float = 0.0
    scale: float = 1.0
    texts: tuple[str, ...] = ()
    table: tuple[tuple[float, ...], ...] = ()

    def width(self) -> int:
        """How many columns it makes."""
        return len(self.table[0]) if self.way == "texts" else 1

    def may_be_null(self) -> bool:
        """Whether null reaches the inner model."""
        return self.fill is None and self.way not in ("texts", "missing")

    def names(self) -> tuple[str, ...]:
        """What they are called in the inner model."""
        stem = self.input if self.way == "number" else f"{self.input}__{self.way}"
        return (stem,) if self.width() == 1 else tuple(f"{stem}_{place}" for place in range(self.width()))

    def raw(self, inputs: Mapping[str, Column]) -> Floats:
        """The number that it is of, before null is filled and before it is scaled."""
        x = inputs[self.input].astype(np.float64)
        if self.way == "hour":
            return (x - np.floor(x / DAY_US) * DAY_US) / HOUR_US
        if self.way == "weekday":
            days = np.floor(x / DAY_US) + 3.0
            return days - np.floor(days / 7.0) * 7.0
        if self.way == "since":
            return (x - inputs[self.origin].astype(np.float64)) / HOUR_US
        return x


def encoded(codings: Sequence[Coding], inputs: Inputs) -> Floats:
    """The matrix (n, columns) of raw inputs."""
    count = len(next(iter(inputs.values())))
    made = np.empty((count, sum(coding.width() for coding in codings)))
    start = 0
    for coding in codings:
        stop = start + coding.width()
        made[:, start:stop] = _encoded(coding, inputs)
        start = stop
    return made


def is_missing(column: Column) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Which values are null; the empty text is too."""
    if column.dtype == np.object_:
        return np.fromiter((not value for value in column.tolist()), dtype=np.bool_, count=len(column))
    return np.isnan(column.astype(np.float64))


def _encoded(coding: Coding, inputs: Inputs) -> Floats:
    if coding.way == "missing":
        return is_missing(inputs[coding.input]).astype(np.float64)[:, None]
    if coding.way == "texts":
        places, other = {text: place for place, text in enumerate(coding.texts)}, len(coding.texts)
        found = (places.get(text or "", other) for text in inputs[coding.input].tolist())
        rows = np.fromiter(found, dtype=np.int64, count=len(inputs[coding.input]))
        return np.array(coding.table, dtype=np.float64)[rows]
    x = coding.raw(inputs)
    if coding.fill is not None:
        x = np.where(np.isnan(x), coding.fill, x)
    return ((x - coding.offset) * coding.scale)[:, None]

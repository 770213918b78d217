"""Are the rows that judge like those that taught? Drift between the parts, and rows that are in both."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy

from pressroom.models import Column, Floats
from pressroom.training.tables.parts import Parts

DRIFTED = 0.1
"""A column whose distribution moved by this much, and by more than chance would move it, is named."""

_BY_CHANCE = 1e-3
_MOST = 50_000
_MIX = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """How far a column's distribution moved from train to test: 0 not at all, 1 entirely. For numbers the largest
    difference of the cumulated shares (Kolmogorov-Smirnov), for texts half the sum of the differences of shares.
    """

    column: str
    distance: float
    words: str


def contents(columns: Sequence[Column]) -> npt.NDArray[np.int64]:
    """A number for each row that is equal for rows that are equal in all columns."""
    made = np.zeros(len(columns[0]), dtype=np.uint64)
    for column in columns:
        values = column
        if column.dtype == np.object_:
            values = np.array([value or "" for value in column.tolist()], dtype=np.str_)
        codes = np.unique(values, return_inverse=True)[1].astype(np.uint64)
        # Mixed as splitmix64 does, so that equal sums of other codes do not meet.
        made = made * _MIX + codes + np.uint64(1)
        made ^= made >> np.uint64(29)
    return made.astype(np.int64)


def repeated_across(codes: npt.NDArray[np.int64], parts: Parts) -> int:
    """How many rows of the test part are equal to one that was learnt from."""
    return int(np.isin(codes[parts.test], codes[parts.train()]).sum())


def drifts(columns: dict[str, Column], parts: Parts) -> list[Drift]:
    """The columns that moved, the farthest first."""
    found = [_drift(name, column, parts) for name, column in columns.items()]
    return sorted((one for one in found if one is not None), key=lambda one: -one.distance)


def _drift(name: str, column: Column, parts: Parts) -> Drift | None:
    before, after = column[parts.train()], column[parts.test]
    if column.dtype == np.object_:
        return _moved_texts(name, before.tolist(), after.tolist())
    old, new = (_finite(side.astype(np.float64)) for side in (before, after))
    if len(old) < 2 or len(new) < 2:
        return None
    tested = scipy.stats.ks_2samp(old[:: 1 + len(old) // _MOST], new[:: 1 + len(new) // _MOST], method="asymp")
    if tested.statistic < DRIFTED or tested.pvalue > _BY_CHANCE:
        return None
    words = f"its median went from {np.median(old):.4g} to {np.median(new):.4g}"
    return Drift(column=name, distance=float(tested.statistic), words=words)


def _moved_texts(name: str, old: list[object], new: list[object]) -> Drift | None:
    texts = sorted({str(value) for value in (*old, *new)})
    places = {text: place for place, text in enumerate(texts)}
    shares = [
        np.bincount([places[str(value)] for value in side], minlength=len(texts)) / max(len(side), 1)
        for side in (old, new)
    ]
    apart = shares[1] - shares[0]
    distance = float(np.abs(apart).sum() / 2.0)
    # What chance alone would make of as many texts (Cauchy-Schwarz over the standard errors of the shares).
    noise = float(np.sqrt(len(texts) / max(len(new), 1)))
    if distance < DRIFTED + noise / 2.0:
        return None
    most = int(np.abs(apart).argmax())
    words = f"{texts[most]!r} went from {shares[0][most]:.1%} to {shares[1][most]:.1%} of the rows"
    return Drift(column=name, distance=distance, words=words)


def _finite(numbers: Floats) -> Floats:
    return numbers[np.isfinite(numbers)]

"""How good are predicted chances? Scores of binary predictions against what happened.

Everywhere `labels` are 0 and 1 (or booleans) and `predictions` chances from 0 to 1, both 1-d and as long as each other.
Anything else, NaN above all, is refused; so is a score of no rows.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pressroom.stats.moments import Interval, interval
from pressroom.values import InvalidInput

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.bool_] | npt.NDArray[np.int64] | npt.NDArray[np.float64]

_SUREST = 1e-15
"""Chances nearer than this to 0 or 1 count as this near: one wrong certainty must not make a loss infinite."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationBin:
    """The rows with low <= prediction < high (the last bin holds 1.0 too), and how often they came true."""

    low: float
    high: float
    n: int
    mean_predicted: float
    observed: float


def log_loss(labels: Labels, predictions: Floats) -> float:
    """Mean of -ln(chance given to what happened), in nats; 0 is perfect. Chances are held 1e-15 away from 0 and 1."""
    came_true, chances = _checked(labels, predictions)
    given = np.where(came_true, chances, 1.0 - chances)
    return float(-np.log(np.clip(given, _SUREST, 1.0 - _SUREST)).mean())


def brier(labels: Labels, predictions: Floats) -> float:
    """Mean squared distance between chance and outcome; 0 is perfect, 0.25 is always saying one half."""
    came_true, chances = _checked(labels, predictions)
    return float(np.square(chances - came_true).mean())


def auc(labels: Labels, predictions: Floats) -> float | None:
    """The chance that a random positive is ranked above a random negative, ties counted half (Mann-Whitney).

    Needs an order only: predictions may be any finite numbers. None when only one class occurs. O(n log n).
    """
    positives, negatives = _classes(labels, predictions)
    if not len(positives) or not len(negatives):
        return None
    below = _twice_below(positives, negatives)
    return int(below.sum()) / (2 * len(positives) * len(negatives))


def auc_interval(labels: Labels, predictions: Floats, level: float = 0.95) -> Interval | None:
    """`auc` with DeLong's variance (DeLong 1988) and a normal interval cut to 0 .. 1. O(n log n).

    None when a class has fewer than two rows.
    """
    positives, negatives = _classes(labels, predictions)
    m, n = len(positives), len(negatives)
    if m < 2 or n < 2:
        return None
    below = _twice_below(positives, negatives)
    above = 2 * m - _twice_below(negatives, positives)
    variance = float(np.var(below / (2 * n), ddof=1)) / m + float(np.var(above / (2 * m), ddof=1)) / n
    full = interval(int(below.sum()) / (2 * m * n), variance**0.5, level)
    return Interval(
        estimate=full.estimate, standard_error=full.standard_error, level=level,
        low=max(0.0, full.low), high=min(1.0, full.high),
    )  # fmt: skip


def calibration(labels: Labels, predictions: Floats, bins: int = 10) -> tuple[CalibrationBin, ...]:
    """Equal slices of 0 .. 1, upwards, with what was predicted and observed in each; empty ones are left out."""
    came_true, chances = _checked(labels, predictions)
    if bins < 1:
        raise InvalidInput(f"{bins} bins hold nothing.", next_step="Ask for one or more.")
    edges = np.arange(bins + 1) / bins
    places = np.searchsorted(edges[1:-1], chances, side="right")
    counts = np.bincount(places, minlength=bins)
    predicted = np.bincount(places, weights=chances, minlength=bins)
    observed = np.bincount(places, weights=came_true, minlength=bins)
    return tuple(
        CalibrationBin(
            low=float(edges[i]), high=float(edges[i + 1]), n=int(counts[i]),
            mean_predicted=float(predicted[i] / counts[i]), observed=float(observed[i] / counts[i]),
        )
        for i in np.flatnonzero(counts)
    )  # fmt: skip


def expected_calibration_error(labels: Labels, predictions: Floats, bins: int = 10) -> float:
    """Mean over rows of |predicted - observed| of the row's bin; 0 is perfectly calibrated."""
    slices = calibration(labels, predictions, bins)
    return sum(part.n * abs(part.mean_predicted - part.observed) for part in slices) / sum(part.n for part in slices)


def _classes(labels: Labels, predictions: Floats) -> tuple[Floats, Floats]:
    """The predictions of what came true and of what did not, each sorted."""
    came_true = _outcomes(labels, predictions)
    return np.sort(predictions[came_true]), np.sort(predictions[~came_true])


def _twice_below(these: Floats, others: Floats) -> npt.NDArray[np.int64]:
    """For each of `these` (both sorted), twice the number of `others` below it, and one for each equal to it."""
    return np.searchsorted(others, these, side="left") + np.searchsorted(others, these, side="right")


def _outcomes(labels: Labels, predictions: Floats) -> npt.NDArray[np.bool_]:
    if labels.ndim != 1 or labels.shape != predictions.shape or not len(labels):
        raise InvalidInput(
            f"Labels {labels.shape} and predictions {predictions.shape} do not pair up.",
            next_step="Give one label and one prediction a row, at least one row.",
        )
    if not np.isfinite(predictions).all():
        raise InvalidInput("Some predictions are not numbers.", next_step="Look for NaN and infinities in them.")
    came_true = labels == 1
    if not (came_true | (labels == 0)).all():
        raise InvalidInput("Labels must be 0 or 1.", next_step="Leave out rows whose label is unknown.")
    return came_true


def _checked(labels: Labels, predictions: Floats) -> tuple[npt.NDArray[np.bool_], Floats]:
    came_true = _outcomes(labels, predictions)
    if predictions.min() < 0.0 or predictions.max() > 1.0:
        raise InvalidInput("A chance lies between 0 and 1.", next_step="Score chances, not margins or log-odds.")
    return came_true, predictions

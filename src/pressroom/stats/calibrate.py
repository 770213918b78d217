"""Calibration: from a model's chances to chances that come true as often as they say, without changing who is first.

A calibration is a strictly rising function, so the ranking, and with it the AUC, stays what it was.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import scipy

from pressroom.values import InvalidInput

Floats = npt.NDArray[np.float64]
NEAREST_CHANCE = 1e-6
"""Chances are held this far away from 0 and 1 before their log-odds are taken."""

_LEAST_SLOPE = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """A rising function of chances.

    none: as they are. platt: `1 / (1 + exp(-(slope * logit(p) + offset)))`, slope above 0 (Platt 1999).
    steps: straight lines between the points (x, y), both rising from 0 to 1: isotonic regression joined at the centres
    of its steps (Oron and Flournoy 2017), which rises strictly where plain steps would tie. temperature: of several
    classes, `softmax(slope * log p)` (Guo et al. 2017).
    """

    kind: Literal["none", "platt", "steps", "temperature"] = "none"
    slope: float = 1.0
    offset: float = 0.0
    x: tuple[float, ...] = ()
    y: tuple[float, ...] = ()

    def words(self) -> str:
        """What was done, as a phrase."""
        return {
            "none": "left as they are, for no correction made them better",
            "platt": f"corrected by Platt's method (slope {self.slope:.2f}, offset {self.offset:+.2f})",
            "steps": f"corrected by isotonic regression ({len(self.x)} points)",
            "temperature": f"corrected by one temperature ({1.0 / self.slope:.2f})",
        }[self.kind]

    def apply(self, chances: Floats) -> Floats:
        """Chances (n,), or of several classes (n, classes) for none and temperature, corrected."""
        if self.kind == "none":
            return chances
        if self.kind == "platt":
            return scipy.special.expit(self.slope * log_odds(chances) + self.offset)
        if self.kind == "steps":
            return np.interp(chances, self.x, self.y)
        scores = self.slope * np.log(np.clip(chances, NEAREST_CHANCE, 1.0))
        return np.exp(scores - scipy.special.logsumexp(scores, axis=1, keepdims=True))


def log_odds(chances: Floats) -> Floats:
    """`log(p / (1 - p))`, of chances held away from 0 and 1."""
    held = np.clip(chances, NEAREST_CHANCE, 1.0 - NEAREST_CHANCE)
    return np.log(held / (1.0 - held))


def platt(labels: Floats, chances: Floats) -> Calibration:
    """Slope and offset by most likelihood, targets drawn a little inwards as Platt has it: (n1 + 1) / (n1 + 2)."""
    positives, negatives = _counts(labels)
    wanted = np.where(labels > 0, (positives + 1.0) / (positives + 2.0), 1.0 / (negatives + 2.0))
    scores = log_odds(chances)

    def loss(at: Floats) -> tuple[float, Floats]:
        margins = at[0] * scores + at[1]
        off = scipy.special.expit(margins) - wanted
        return (
            float((np.logaddexp(0.0, margins) - wanted * margins).mean()),
            np.array([float((off * scores).mean()), float(off.mean())]),
        )

    bounds = [(_LEAST_SLOPE, 50.0), (-50, 50)]
    found = scipy.optimize.minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B", bounds=bounds)
    return Calibration(kind="platt", slope=float(found.x[0]), offset=float(found.x[1]))


def steps(labels: Floats, chances: Floats) -> Calibration:
    """Isotonic regression, its steps drawn inwards by one row of each kind and joined at their centres."""
    _counts(labels)
    order = np.argsort(chances, kind="stable")
    found = scipy.optimize.isotonic_regression(labels[order])
    edges = np.asarray(found.blocks)
    sizes = np.diff(edges)
    sums = np.add.reduceat(labels[order], edges[:-1])
    x = np.add.reduceat(chances[order], edges[:-1]) / sizes
    y = (sums + 0.5) / (sizes + 1.0)
    # Drawing inwards can bring a small step below the one before it, and equal chances can be cut in two.
    y = np.maximum.accumulate(y)
    x, places = np.unique(np.clip(x, 0.0, 1.0), return_index=True)
    y = np.clip(y[places] + np.arange(len(places)) * 1e-9, 1e-9, 1.0 - 1e-9)
    inside = (x > 0.0) & (x < 1.0)
    x, y = np.concatenate([[0.0], x[inside], [1.0]]), np.concatenate([[0.0], y[inside], [1.0]])
    return Calibration(kind="steps", x=tuple(x.tolist()), y=tuple(y.tolist()))


def temperature(classes: npt.NDArray[np.int64], chances: Floats) -> Calibration:
    """One temperature for all classes; `classes` (n,) are places in the columns of `chances` (n, classes)."""
    scores = np.log(np.clip(chances, NEAREST_CHANCE, 1.0))
    rows = np.arange(len(classes))

    def loss(slope: float) -> float:
        margins = slope * scores
        return float((scipy.special.logsumexp(margins, axis=1) - margins[rows, classes]).mean())

    found = scipy.optimize.minimize_scalar(loss, bounds=(0.05, 20.0), method="bounded")
    return Calibration(kind="temperature", slope=float(found.x))


def _counts(labels: Floats) -> tuple[int, int]:
    positives = int((labels > 0).sum())
    if not 0 < positives < len(labels):
        raise InvalidInput("Calibration needs rows of both kinds.", next_step="Give more rows.")
    return positives, len(labels) - positives

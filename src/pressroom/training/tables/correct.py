"""Correcting chances: which calibration, if any, and answers to compare models by that no row helped to correct."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from pressroom.models import Floats
from pressroom.stats import Calibration, platt, steps, temperature
from pressroom.training.tables.quality import losses
from pressroom.training.tables.task import Task

Way = Callable[[Floats, Floats], Calibration]
LEAST_FOR_STEPS = 1_000
_OF_A_KIND = 100
_FOLDS = 2


def corrected(task: Task, y: Floats, answers: Floats) -> tuple[Calibration, Floats]:
    """The calibration for these rows, and their answers corrected by one that was made of the other half of them.

    The one with the least log loss on the halves that it was not made of; none, where no other is better.
    """
    if task.kind == "number":
        return Calibration(), answers
    ways = [_none, *_ways(task, y)]
    halves = _halves(y)
    tried = [_crossed(way, y, answers, halves) for way in ways]
    means = [float(losses(task, y, one).mean()) for one in tried]
    # The first of equals: leaving chances as they are is the simplest.
    best = int(np.argmin(means))
    return ways[best](y, answers), tried[best]


def _none(y: Floats, answers: Floats) -> Calibration:
    return Calibration()


def _temperature(y: Floats, answers: Floats) -> Calibration:
    return temperature(y.astype(np.int64), answers)


def _ways(task: Task, y: Floats) -> list[Way]:
    if task.kind == "several classes":
        return [_temperature]
    enough = len(y) >= LEAST_FOR_STEPS and min(int(y.sum()), int((1 - y).sum())) >= _OF_A_KIND
    return [platt, steps] if enough else [platt]


def _halves(y: Floats) -> npt.NDArray[np.int64]:
    """Which half each row is of: alternately within each class, so that both halves have both kinds."""
    made = np.empty(len(y), dtype=np.int64)
    for value in np.unique(y):
        rows = np.flatnonzero(y == value)
        made[rows] = np.arange(len(rows)) % _FOLDS
    return made


def _crossed(way: Way, y: Floats, answers: Floats, halves: npt.NDArray[np.int64]) -> Floats:
    made = answers.copy()
    for half in range(_FOLDS):
        inside = halves == half
        made[inside] = way(y[~inside], answers[~inside]).apply(answers[inside])
    return made

"""Importance: how much worse the answers get when one column is shuffled, so that it says nothing any more."""

from dataclasses import dataclass

import numpy as np

from pressroom.models import Floats, Inputs, Runnable, take_rows
from pressroom.training.tables.quality import losses
from pressroom.training.tables.task import Task

_MOST_ROWS = 2_000
_TIMES = 3
_SEED = 20130101


@dataclass(frozen=True, slots=True, kw_only=True)
class Importance:
    """How much the mean loss rises without the column (in the loss's own unit; about 0: it is not needed), and how far
    that moved between shuffles.
    """

    column: str
    rise: float
    spread: float


def importances(runnable: Runnable, task: Task, inputs: Inputs, y: Floats) -> tuple[Importance, ...]:
    """Of every input of what serves, the most important first. At most 2,000 rows are asked, three times each."""
    draw = np.random.default_rng(_SEED)
    rows = np.sort(draw.permutation(len(y))[:_MOST_ROWS]).astype(np.int64)
    some, known = take_rows(inputs, rows), y[rows]
    usual = float(losses(task, known, runnable.predict(some)).mean())
    found: list[Importance] = []
    for name in some:
        rises = [
            float(
                losses(task, known, runnable.predict({**some, name: some[name][draw.permutation(len(known))]})).mean()
            )
            - usual
            for _ in range(_TIMES)
        ]
        found.append(Importance(column=name, rise=float(np.mean(rises)), spread=float(np.std(rises))))
    return tuple(sorted(found, key=lambda one: -one.rise))

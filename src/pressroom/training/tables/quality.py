"""How good answers are: one loss a row, by which models are compared, and the figures that people know."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pressroom.models import Floats
from pressroom.stats import Interval, auc, auc_interval, bootstrap_mean, expected_calibration_error
from pressroom.training.tables.task import Task

_SUREST = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure with its interval (95 %), and which way is better."""

    name: str
    value: float
    low: float
    high: float
    more_is_better: bool = True

    def words(self) -> str:
        """The figure as people read it."""
        return f"{self.value:.4g} ({self.low:.4g} to {self.high:.4g})"


def losses(task: Task, y: Floats, answers: Floats) -> Floats:
    """The loss of each row: -ln of the chance given to what happened (in nats), or the squared error."""
    if task.kind == "number":
        return np.square(answers - y)
    if task.kind == "several classes":
        given = answers[np.arange(len(y)), y.astype(np.int64)]
    else:
        given = np.where(y > 0, answers, 1.0 - answers)
    return -np.log(np.clip(given, _SUREST, 1.0))


def loss_name(task: Task) -> str:
    """What the mean loss is called; of numbers its square root is told."""
    return "root mean squared error" if task.kind == "number" else "log loss"


def loss_figure(task: Task, row_losses: Floats, groups: npt.NDArray[np.int64] | None) -> Figure:
    """The mean loss as people read it, with its bootstrap interval."""
    of: Callable[[Floats], Floats] = np.sqrt if task.kind == "number" else _same
    found = bootstrap_mean(row_losses, groups, of=of)
    return _figure(loss_name(task), found, more_is_better=False)


def figures(task: Task, y: Floats, answers: Floats, groups: npt.NDArray[np.int64] | None = None) -> tuple[Figure, ...]:
    """What is told about a model, the most telling first. Needs rows; AUC needs two rows of each kind."""
    loss = loss_figure(task, losses(task, y, answers), groups)
    if task.kind == "number":
        return (_explained(y, answers, groups), loss, _absolute(y, answers, groups))
    if task.kind == "several classes":
        right = (answers.argmax(axis=1) == y).astype(np.float64)
        return (_figure("share right", bootstrap_mean(right, groups)), loss, *_macro_auc(y, answers))
    found = auc_interval(y, answers)
    ranked = () if found is None else (_figure("AUC", found),)
    squares = _figure("Brier score", bootstrap_mean(np.square(answers - y), groups), more_is_better=False)
    return (*ranked, loss, squares)


def headline(task: Task, y: Floats, answers: Floats) -> float:
    """The first figure alone, without an interval: AUC, share right, or R2; NaN where there is none."""
    if task.kind == "number":
        spread = float(np.square(y - y.mean()).sum())
        return 1.0 - float(np.square(answers - y).sum()) / spread if spread else float("nan")
    if task.kind == "several classes":
        return float((answers.argmax(axis=1) == y).mean())
    found = auc(y, answers)
    return float("nan") if found is None else found


def calibration_error(y: Floats, answers: Floats) -> float:
    """The mean distance between chances and what happened, in slices of a tenth."""
    return expected_calibration_error(y, answers)


def _explained(y: Floats, answers: Floats, groups: npt.NDArray[np.int64] | None) -> Figure:
    """R2: the share of the target's variance that the answers explain."""
    spread = float(np.square(y - y.mean()).mean()) or 1.0
    found = bootstrap_mean(np.square(answers - y), groups, of=lambda means: 1.0 - means / spread)
    return _figure("R2", found)


def _absolute(y: Floats, answers: Floats, groups: npt.NDArray[np.int64] | None) -> Figure:
    return _figure("mean absolute error", bootstrap_mean(np.abs(answers - y), groups), more_is_better=False)


def _macro_auc(y: Floats, answers: Floats) -> tuple[Figure, ...]:
    """The mean over classes of AUC, each class against the others; its interval from their standard errors."""
    each = [auc_interval((y == place).astype(np.float64), answers[:, place]) for place in range(answers.shape[1])]
    found = [one for one in each if one is not None]
    if not found:
        return ()
    mean = float(np.mean([one.estimate for one in found]))
    error = float(np.mean([one.standard_error for one in found]))
    return (Figure(name="mean AUC", value=mean, low=mean - 1.96 * error, high=min(1.0, mean + 1.96 * error)),)


def _figure(name: str, found: Interval, *, more_is_better: bool = True) -> Figure:
    return Figure(name=name, value=found.estimate, low=found.low, high=found.high, more_is_better=more_is_better)


def _same(means: Floats) -> Floats:
    return means

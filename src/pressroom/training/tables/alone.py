"""What one column alone tells of the target: the measure by which leaks are found."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pressroom.models import Column, Floats
from pressroom.stats import auc_interval
from pressroom.training.tables.quality import headline
from pressroom.training.tables.task import Task

_SLICES = 32
_PRIOR = 2.0
_LEAST = 10
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alone:
    """The quality of a column alone on rows that it was not fitted to: AUC (of several classes their mean) or R2, and
    the lower end of its interval; 0.5 (or 0) where it tells nothing.
    """

    measure: str
    value: float
    low: float

    def words(self) -> str:
        """As people read it."""
        return f"{self.measure} {self.value:.3f} by itself"


def alone(task: Task, column: Column, y: Floats, *, fitted: Flags, judged: Flags) -> Alone:
    """The mean target of each slice or text of the column in the `fitted` rows, asked of the `judged` ones.

    Missing is a slice of its own. Slices are quantiles of the fitted rows, 32 at most; of
    numbers the straight line is tried too.
    """
    codes = _codes(column, fitted)
    if task.kind == "number":
        told = _means(codes, y, fitted)
        value = max(headline(task, y[judged], one[judged]) for one in (told, _straight(column, y, told, fitted)))
        reach = 1.0 / np.sqrt(max(int(judged.sum()), 1))
        return Alone(measure="R2", value=max(value, 0.0), low=max(value - reach * (1.0 - value), 0.0))
    classes = [1] if task.kind == "yes or no" else range(len(task.classes))
    found = [_ranked((y == place).astype(np.float64), codes, fitted, judged) for place in classes]
    value, low = (float(np.mean([one[place] for one in found])) for place in (0, 1))
    return Alone(measure="AUC", value=value, low=low)


def missing_tells(y: Floats, missing: Flags, classes: int) -> tuple[int, bool] | None:
    """Whether a column's being empty gives the target away: the class, and whether it is the empty rows (or the
    filled ones) that are all of it.

    All but half a percent of these rows are of one class, and by chance that would happen less than once in a million.
    """
    for empty in (True, False):
        side = y[missing if empty else ~missing]
        if len(side) < _LEAST or len(side) == len(y):
            continue
        counts = np.bincount(side.astype(np.int64), minlength=classes)
        place = int(counts.argmax())
        usual = float((y == place).mean())
        if counts[place] >= 0.995 * len(side) and usual < 0.99 and len(side) * np.log(usual) < np.log(1e-6):
            return place, empty
    return None


def _straight(column: Column, y: Floats, told: Floats, fitted: Flags) -> Floats:
    """The straight line through the fitted rows, which a copy of a number lies on; slices would blur it."""
    if column.dtype == np.object_:
        return told
    numbers = column.astype(np.float64)
    known = np.isfinite(numbers)
    x = numbers[fitted & known]
    if len(x) < _LEAST or not x.std():
        return told
    slope, level = np.polyfit((x - x.mean()) / x.std(), y[fitted & known], 1)
    return np.where(known, slope * (np.nan_to_num(numbers) - x.mean()) / x.std() + level, told)


def _ranked(y: Floats, codes: npt.NDArray[np.int64], fitted: Flags, judged: Flags) -> tuple[float, float]:
    came = y[judged]
    if min((came == 1).sum(), (came == 0).sum()) < _LEAST:
        return 0.5, 0.5
    found = auc_interval(came, _means(codes, y, fitted)[judged])
    return (0.5, 0.5) if found is None else (found.estimate, found.low)


def _means(codes: npt.NDArray[np.int64], y: Floats, fitted: Flags) -> Floats:
    count = int(codes.max()) + 1
    overall = float(y[fitted].mean())
    rows = np.bincount(codes[fitted], minlength=count)
    sums = np.bincount(codes[fitted], weights=y[fitted], minlength=count)
    means: Floats = (sums + _PRIOR * overall) / (rows + _PRIOR)
    return means[codes]


def _codes(column: Column, fitted: Flags) -> npt.NDArray[np.int64]:
    """The slice of each row; 0 is missing."""
    if column.dtype == np.object_:
        places: dict[object, int] = {None: 0}
        return np.array([places.setdefault(value, len(places)) for value in column.tolist()], dtype=np.int64)
    numbers = column.astype(np.float64)
    null = np.isnan(numbers)
    seen = numbers[fitted & ~null]
    if not len(seen):
        return np.where(null, 0, 1).astype(np.int64)
    values = np.unique(seen)
    edges = values[1:] if len(values) <= _SLICES else np.unique(np.quantile(seen, np.linspace(0, 1, _SLICES + 1)[1:-1]))
    return np.where(null, 0, 1 + np.searchsorted(edges, np.nan_to_num(numbers), side="right")).astype(np.int64)

"""What there is to beat: the score of saying the same for every row."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pressroom.stats import log_loss
from pressroom.training.preflight.expected import ExpectedData, numbers_of, rows_where


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """A score, by its name; lower is better."""

    metric: str
    value: float


def baseline_of(table: pa.Table, expected: ExpectedData) -> Baseline | None:
    """For yes or no, the log loss of the share of yes; for numbers, the root mean square error of their mean; None for
    other targets. Learnt from the rows to train on and judged by the others; without a split both are all rows.
    """
    column = numbers_of(table.column(expected.target))
    if column is None or column.null_count:
        return None
    values = column.to_numpy()
    train = np.ones(len(values), dtype=bool)
    if expected.split is not None:
        train[:] = False
        train[rows_where(pc.equal(table.column(expected.split), "train"))] = True
    rest = ~train if not train.all() else train
    if not set(np.unique(values)) <= {0.0, 1.0}:
        error = float(np.sqrt(np.square(values[rest] - values[train].mean()).mean()))
        return Baseline(metric="rmse", value=error)
    share = np.full(int(rest.sum()), values[train].mean())
    return Baseline(metric="log_loss", value=log_loss(values[rest], share))

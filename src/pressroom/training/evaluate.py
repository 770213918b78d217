"""Evaluation: how good a model's chances were on rows that it was not fitted to."""

from dataclasses import dataclass

import pyarrow as pa

from pressroom.models import Floats, Runnable, Signature, inputs_from_table
from pressroom.stats import CalibrationBin, auc, brier, calibration, expected_calibration_error, log_loss
from pressroom.training.rows import labels


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Quality on `n` rows. Log loss in nats; `auc` is None when only one class occurs; calibration error in chances."""

    n: int
    positives: int
    auc: float | None
    log_loss: float
    brier: float
    calibration_error: float
    bins: tuple[CalibrationBin, ...]


def evaluate(y: Floats, p: Floats) -> Evaluation:
    """Compare labels `y` (0.0 or 1.0) with predicted chances `p`, both (n,); refuses anything else, and no rows."""
    return Evaluation(
        n=len(y),
        positives=int((y == 1).sum()),
        auc=auc(y, p),
        log_loss=log_loss(y, p),
        brier=brier(y, p),
        calibration_error=expected_calibration_error(y, p),
        bins=calibration(y, p),
    )


def evaluate_model(runnable: Runnable, signature: Signature, rows: pa.Table) -> Evaluation:
    """Evaluate the form that serves on mature rows, such as `mature_rows(table, "validate")`."""
    return evaluate(labels(rows), runnable.predict(inputs_from_table(signature, rows)))

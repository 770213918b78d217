"""The linear model: logistic regression, or ridge regression of numbers, with the penalty that stopping rows want."""

from typing import Any

import numpy as np

from pressroom.models import Floats, framework
from pressroom.training.tables.learner import SEED, Learner, Learnt, Rows
from pressroom.training.tables.quality import losses

_STRENGTHS = (0.01, 0.1, 1.0)
_PENALTIES = (100.0, 10.0, 1.0)


def linear() -> Learner:
    """Needs scikit-learn."""
    return Learner(
        name="linear", words="linear model", trees=False, fit=_fit, needs=("sklearn.linear_model",),
    )  # fmt: skip


def _fit(rows: Rows) -> Learnt:
    best: tuple[float, Any, float] | None = None
    choices = _PENALTIES if rows.task.kind == "number" else _STRENGTHS
    for place, strength in enumerate(choices):
        rows.told(place, len(choices))
        if best is not None and rows.over():
            break
        fitted = _fitted(rows, strength)
        loss = float(losses(rows.task, rows.stop_y, _answers(fitted, rows)).mean())
        if best is None or loss < best[0]:
            best = (loss, fitted, strength)
    rows.told(len(choices), len(choices))
    if best is None:  # There is at least one choice.
        raise AssertionError
    return Learnt(fitted=best[1], words=f"penalty chosen among {len(choices)}")


def _fitted(rows: Rows, strength: float) -> Any:
    models = framework("sklearn.linear_model")
    if rows.task.kind == "number":
        return models.Ridge(alpha=strength).fit(rows.x, rows.y)
    return models.LogisticRegression(C=strength, max_iter=500, random_state=SEED).fit(rows.x, rows.y)


def _answers(fitted: Any, rows: Rows) -> Floats:
    if rows.task.kind == "number":
        return np.asarray(fitted.predict(rows.stop_x), dtype=np.float64)
    chances = np.asarray(fitted.predict_proba(rows.stop_x), dtype=np.float64)
    return chances[:, 1] if rows.task.kind == "yes or no" else chances

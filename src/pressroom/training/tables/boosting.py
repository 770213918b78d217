"""Gradient boosting: LightGBM, or scikit-learn's where that is not installed; as many trees as stopping rows want."""

import os
from importlib.util import find_spec
from typing import Any

import numpy as np

from pressroom.models import framework
from pressroom.training.tables.learner import SEED, Learner, Learnt, Rows
from pressroom.training.tables.quality import losses

_MOST, _PATIENCE, _AT_ONCE = 500, 30, 20
_OBJECTIVES = {"yes or no": "binary", "several classes": "multiclass", "number": "regression"}


def boosting() -> Learner:
    """Needs LightGBM or scikit-learn."""
    if find_spec("lightgbm") is not None:
        return Learner(name="boosting", words="gradient boosting (LightGBM)", trees=True, fit=_light,
                       needs=("lightgbm",))  # fmt: skip
    return Learner(name="boosting", words="gradient boosting (scikit-learn)", trees=True, fit=histograms,
                   needs=("sklearn.ensemble",))  # fmt: skip


def _light(rows: Rows) -> Learnt:
    lightgbm = framework("lightgbm")
    many = len(rows.y) >= 5_000
    parameters = {
        "objective": _OBJECTIVES[rows.task.kind], "learning_rate": 0.06 if many else 0.04, "seed": SEED,
        "num_leaves": 31 if many else 15, "min_data_in_leaf": max(5, min(40, len(rows.y) // 100)),
        "feature_fraction": 0.8, "bagging_fraction": 0.8, "bagging_freq": 1, "deterministic": True,
        "force_row_wise": True, "num_threads": min(4, os.cpu_count() or 1), "verbosity": -1,
    }  # fmt: skip
    if rows.task.kind == "several classes":
        parameters["num_class"] = len(rows.task.classes)
    learning = lightgbm.Dataset(rows.x, label=rows.y)
    stopping = lightgbm.Dataset(rows.stop_x, label=rows.stop_y, reference=learning)

    def watch(state: Any) -> None:
        rows.told(state.iteration + 1, _MOST)
        if rows.over():
            raise lightgbm.callback.EarlyStopException(state.iteration, state.evaluation_result_list)

    patience = lightgbm.early_stopping(_PATIENCE, verbose=False)
    booster = lightgbm.train(
        parameters, learning, num_boost_round=_MOST, valid_sets=[stopping], callbacks=[patience, watch]
    )
    # Only the trees that are used: what is kept and packed is the model that answers.
    kept = lightgbm.Booster(model_str=booster.model_to_string(num_iteration=booster.best_iteration))
    return Learnt(fitted=kept, words=f"{booster.best_iteration} rounds of trees{_late(rows)}")


def histograms(rows: Rows) -> Learnt:
    """scikit-learn's histogram gradient boosting, grown a few trees at a time until the stopping rows have enough."""
    kinds = framework("sklearn.ensemble")
    kind = kinds.HistGradientBoostingRegressor if rows.task.kind == "number" else kinds.HistGradientBoostingClassifier
    # Stopping is ours: its own would take rows at random, also of the future.
    model = kind(
        learning_rate=0.08, max_leaf_nodes=15, min_samples_leaf=max(5, min(40, len(rows.y) // 100)), warm_start=True,
        early_stopping=False, max_iter=_AT_ONCE, random_state=SEED,
    )  # fmt: skip
    best, best_loss, done = _AT_ONCE, np.inf, _AT_ONCE
    while True:
        model.set_params(max_iter=done).fit(rows.x, rows.y)
        loss = float(losses(rows.task, rows.stop_y, _answers(model, rows)).mean())
        rows.told(done, _MOST)
        if loss < best_loss:
            best, best_loss = done, loss
        if rows.over() or done >= _MOST or done - best >= 2 * _AT_ONCE:
            break
        done += _AT_ONCE
    if best < done:
        model = model.set_params(max_iter=best, warm_start=False).fit(rows.x, rows.y)
    return Learnt(fitted=model, words=f"{best} rounds of trees{_late(rows)}")


def _answers(model: Any, rows: Rows) -> Any:
    if rows.task.kind == "number":
        return model.predict(rows.stop_x)
    chances = model.predict_proba(rows.stop_x)
    return chances[:, 1] if rows.task.kind == "yes or no" else chances


def _late(rows: Rows) -> str:
    return ", stopped because its time was over" if rows.over() else ""

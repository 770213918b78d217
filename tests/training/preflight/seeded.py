"""A training job of scikit-learn that has one fault, which is named in its first line; none where it says "none"."""

import ctypes
import importlib
import os
import sys
import time

import numpy as np
import pyarrow as pa
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import log_loss

from pressroom.training.preflight.place import ExpectedPlace
from pressroom.training.run.job import Finished, training_job
from pressroom.training.run.train_run import RunOptions

FAULT = "none"
MEMORY = {"out_of_memory": 500_000_000, "batch_too_large": 700_000_000}.get(FAULT, 0)
random = np.random.default_rng(1)
ROWS = random.normal(size=(4_000, 5))
LABELS = (ROWS @ np.array([1.0, -2.0, 0.5, 0.0, 1.0]) + random.normal(size=4_000) > 0).astype(int)
if FAULT == "shuffled_labels":
    LABELS = random.permutation(LABELS)
OUTSIDE = {"noise": 1.0}


class Foreign:
    """A model of no framework that anybody knows."""


def own_batches(run, source, rows):
    """Batches by hand, as a loop over a list does them: they start anew with the process."""
    for _ in run.batches(np.zeros(len(source[0])), rows=rows, epochs=5):
        run.own = getattr(run, "own", -1) + 1
        part = slice(run.own * rows, (run.own + 1) * rows)
        run._batch = str(float(source[0][part][0, 0]))
        yield tuple(each[part] for each in source)


def learn(state, x, y):
    """One step, well or badly."""
    if FAULT == "nothing_moves" and hasattr(state["model"], "coef_"):
        return
    if FAULT == "goes_up":
        y = 1 - y if hasattr(state["model"], "coef_") else y
        state["model"].partial_fit(x, y, classes=[0, 1])
        return
    if FAULT == "state_outside":
        OUTSIDE["noise"] *= 0.9
        y = np.where(np.arange(len(y)) < 50 * OUTSIDE["noise"], 1 - y, y)
    state["model"].partial_fit(x, y, classes=[0, 1])


def go_wrong(x):
    """What ends or stops a step."""
    if FAULT == "hangs":
        time.sleep(3600)
    if FAULT == "out_of_memory":
        hold(np.ones(80_000_000))
    if FAULT == "batch_too_large":
        hold(np.ones((len(x), 450_000)))
    if FAULT == "exits":
        os._exit(3)
    if FAULT == "crashes":
        ctypes.string_at(0)
    if FAULT == "lazy_import":
        importlib.import_module("no_such_module")
    if FAULT == "wrong_column":
        {"amount": x}["amuont"]


def hold(array):
    """Keep memory for as long as it takes to be seen."""
    time.sleep(0.4 if array.size else 0.0)


@training_job(
    place=ExpectedPlace(memory_bytes=MEMORY),
    run=RunOptions(seed=3),
    most_s=1e-6 if FAULT == "too_long" else None,
    budget=1e-12 if FAULT == "too_dear" else None,
)
def job(run):
    """Fit a linear model in steps."""
    if FAULT == "state_fails":
        raise KeyError("weights")
    rate = {"loss_explodes": 1e308}.get(FAULT, 0.05)
    state = run.state(
        lambda: {
            "model": SGDClassifier(loss="log_loss", learning_rate="constant", eta0=rate, random_state=0),
            **({"lock": sys.stdout} if FAULT == "state_unkept" else {}),
        }
    )
    source = (ROWS, LABELS if FAULT != "unequal_parts" else LABELS[:-1])
    batches = own_batches(run, source, 200) if FAULT == "own_iterator" else run.batches(source, rows=200, epochs=5)
    for x, y in batches:
        go_wrong(x)
        learn(state, x, y)
        loss = log_loss(y, state["model"].predict_proba(x), labels=[0, 1])
        loss = float("nan") if FAULT == "loss_not_finite" else loss
        extra = {"auc": float("nan")} if FAULT == "metric_not_finite" else {}
        run.tick(loss=loss, **extra)
    if FAULT == "evaluation_fails":
        raise ZeroDivisionError("no rows to judge by")
    if FAULT == "returns_nothing":
        return None
    return came_to(state)


def came_to(state):
    """What is exported."""
    columns = 4 if FAULT == "sample_lacks_a_column" else 5
    sample = pa.table({f"x{number}": ROWS[:100, number] for number in range(columns)})
    model = Foreign() if FAULT == "foreign_model" else state["model"]
    return Finished(model=model, sample=sample, target="bought")

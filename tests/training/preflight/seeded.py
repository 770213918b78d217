"""A long run of scikit-learn that has one fault, which is named in its first lines; none where it says "none"."""

import ctypes
import importlib
import os
import sys
import time

import numpy as np
import pyarrow as pa
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import log_loss

import pressroom as pr

FAULT = "none"
MEMORY = {"out_of_memory": 500_000_000, "batch_too_large": 700_000_000}.get(FAULT, 0)
random = np.random.default_rng(1)
ROWS = random.normal(size=(4_000, 5))
LABELS = (ROWS @ np.array([1.0, -2.0, 0.5, 0.0, 1.0]) + random.normal(size=4_000) > 0).astype(int)
if FAULT == "shuffled_labels":
    LABELS = random.permutation(LABELS)
OUTSIDE = {"noise": 1.0, "place": -1}


class Foreign:
    """A model of no framework that anybody knows."""


def make(settings):
    """What training changes."""
    if FAULT == "state_fails":
        raise KeyError("weights")
    rate = {"loss_explodes": 1e308}.get(FAULT, 0.05)
    model = SGDClassifier(loss="log_loss", learning_rate="constant", eta0=rate, random_state=0)
    return {"model": model, "output": sys.stdout} if FAULT == "state_unkept" else {"model": model}


def batches(run, settings):
    """Rows, in the run's order; or by hand, as a loop over a list does them, which starts anew with the process."""
    source = (ROWS, LABELS if FAULT != "unequal_parts" else LABELS[:-1])
    for batch in run.batches(source, size=200, epochs=5):
        if FAULT != "own_iterator":
            yield batch
            continue
        OUTSIDE["place"] += 1
        part = slice(OUTSIDE["place"] * 200, (OUTSIDE["place"] + 1) * 200)
        yield ROWS[part], LABELS[part]


def step(state, batch):
    """Learn from one batch, well or badly."""
    x, y = batch
    go_wrong(x)
    if FAULT == "state_outside":
        OUTSIDE["noise"] *= 0.9
        y = np.where(np.arange(len(y)) < 50 * OUTSIDE["noise"], 1 - y, y)
    if not hasattr(state.model, "coef_"):
        state.model.partial_fit(x, y, classes=[0, 1])
    elif FAULT == "goes_up":
        state.model.partial_fit(x, 1 - y)
    elif FAULT != "nothing_moves":
        state.model.partial_fit(x, y)
    loss = log_loss(y, state.model.predict_proba(x), labels=[0, 1])
    if FAULT == "metric_not_finite":
        return {"loss": loss, "auc": float("nan")}
    return float("nan") if FAULT == "loss_not_finite" else loss


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


def evaluate(state):
    """How good it is."""
    if FAULT == "evaluation_fails":
        raise ZeroDivisionError("no rows to judge by")
    return {"accuracy": state.model.score(ROWS, LABELS)}


def export(state):
    """The model."""
    if FAULT == "exports_nothing":
        return None
    return Foreign() if FAULT == "foreign_model" else state.model


def sample():
    """Rows as the model takes them."""
    columns = 4 if FAULT == "sample_lacks_a_column" else 5
    return pa.table({f"x{number}": ROWS[:100, number] for number in range(columns)})


seeded = pr.LongRun(
    job=pr.TrainingJob(make=make, batches=batches, step=step, evaluate=evaluate, export=export),
    sample=sample,
    target="bought",
    place=pr.ExpectedPlace(memory_bytes=MEMORY),
    most_s=1e-6 if FAULT == "too_long" else None,
    budget=1e-12 if FAULT == "too_dear" else None,
)

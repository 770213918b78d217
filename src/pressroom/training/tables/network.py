"""A small neural network: PyTorch, or scikit-learn's where that is not installed; as many rounds as the stopping rows
want.
"""

import copy
import warnings
from importlib.util import find_spec
from typing import Any

import numpy as np

from pressroom.models import Floats, framework, linked
from pressroom.training.tables.learner import SEED, Learner, Learnt, Rows
from pressroom.training.tables.quality import losses

_WIDE, _NARROW = 64, 32
_MOST, _PATIENCE, _BATCH = 60, 6, 256
_TOLERANCE = 1e-5
"""A network's numbers are of 32 bits, and may differ by a few of their last bits on another runtime."""


def network() -> Learner:
    """Needs PyTorch or scikit-learn."""
    if find_spec("torch") is not None:
        return Learner(name="network", words="small neural network (PyTorch)", trees=False, fit=_torch,
                       needs=("torch", "onnx"))  # fmt: skip
    return Learner(name="network", words="small neural network (scikit-learn)", trees=False, fit=perceptron,
                   needs=("sklearn.neural_network", "skl2onnx"))  # fmt: skip


def _torch(rows: Rows) -> Learnt:
    torch = framework("torch")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        return _trained(rows, torch)


def _trained(rows: Rows, torch: Any) -> Learnt:
    nn = torch.nn
    mean, spread = _target_scale(rows)
    net = nn.Sequential(
        nn.Linear(rows.x.shape[1], _WIDE), nn.ReLU(), nn.Linear(_WIDE, _NARROW), nn.ReLU(),
        nn.Linear(_NARROW, rows.task.outputs()),
    )  # fmt: skip
    x = torch.from_numpy(rows.x.astype(np.float32))
    y = torch.from_numpy(((rows.y - mean) / spread).astype(np.float32))
    stepper = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=1e-2)
    batches = torch.Generator().manual_seed(SEED)
    best, best_loss, since, done = copy.deepcopy(net.state_dict()), np.inf, 0, 0
    while done < _MOST and since < _PATIENCE and not (done and rows.over()):
        for chosen in torch.randperm(len(x), generator=batches).split(_BATCH):
            stepper.zero_grad()
            _loss(net(x[chosen]), y[chosen], rows, torch).backward()
            stepper.step()
        done, since = done + 1, since + 1
        rows.told(done, _MOST)
        loss = float(losses(rows.task, rows.stop_y, _answers(net, rows, torch, mean, spread)).mean())
        if loss < best_loss:
            best, best_loss, since = copy.deepcopy(net.state_dict()), loss, 0
    net.load_state_dict(best)
    if rows.task.kind == "number":
        # The last layer answers in the target's own unit, so that nothing has to be undone when it serves.
        with torch.no_grad():
            net[-1].weight.mul_(spread)
            net[-1].bias.mul_(spread).add_(mean)
    late = ", stopped because its time was over" if rows.over() else ""
    words = f"{done - since} rounds over the rows{late}"
    return Learnt(fitted=net.eval(), margin=rows.task.kind != "number", words=words, tolerance=_TOLERANCE)


def _target_scale(rows: Rows) -> tuple[float, float]:
    if rows.task.kind != "number":
        return 0.0, 1.0
    return float(rows.y.mean()), float(rows.y.std()) or 1.0


def _loss(answers: Any, y: Any, rows: Rows, torch: Any) -> Any:
    functional = torch.nn.functional
    if rows.task.kind == "several classes":
        return functional.cross_entropy(answers, y.long())
    if rows.task.kind == "yes or no":
        return functional.binary_cross_entropy_with_logits(answers[:, 0], y)
    return functional.mse_loss(answers[:, 0], y)


def _answers(net: Any, rows: Rows, torch: Any, mean: float, spread: float) -> Floats:
    with torch.no_grad():
        found = net(torch.from_numpy(rows.stop_x.astype(np.float32))).numpy().astype(np.float64)
    if rows.task.kind == "several classes":
        return linked(found, "softmax")
    return linked(found[:, 0], "sigmoid") if rows.task.kind == "yes or no" else found[:, 0] * spread + mean


def perceptron(rows: Rows) -> Learnt:
    """scikit-learn's, one round at a time until the stopping rows have enough."""
    kinds = framework("sklearn.neural_network")
    kind = kinds.MLPRegressor if rows.task.kind == "number" else kinds.MLPClassifier
    mean, spread = _target_scale(rows)
    y = (rows.y - mean) / spread if rows.task.kind == "number" else rows.y
    model = kind(
        hidden_layer_sizes=(_WIDE, _NARROW), max_iter=1, warm_start=True, random_state=SEED, learning_rate_init=2e-3
    )
    best, best_loss, since, done = None, np.inf, 0, 0
    with warnings.catch_warnings():
        # One round at a time never converges, and says so.
        warnings.simplefilter("ignore")
        while done < _MOST and since < _PATIENCE and not (done and rows.over()):
            model.fit(rows.x, y)
            done, since = done + 1, since + 1
            rows.told(done, _MOST)
            loss = float(losses(rows.task, rows.stop_y, _of_perceptron(model, rows, mean, spread)).mean())
            if loss < best_loss:
                best, best_loss, since = copy.deepcopy(model), loss, 0
    kept: Any = best
    if rows.task.kind == "number":
        kept.coefs_[-1] = kept.coefs_[-1] * spread
        kept.intercepts_[-1] = kept.intercepts_[-1] * spread + mean
    return Learnt(fitted=kept, words=f"{done - since} rounds over the rows", tolerance=_TOLERANCE)


def _of_perceptron(model: Any, rows: Rows, mean: float, spread: float) -> Floats:
    if rows.task.kind == "number":
        return np.asarray(model.predict(rows.stop_x), dtype=np.float64) * spread + mean
    chances = np.asarray(model.predict_proba(rows.stop_x), dtype=np.float64)
    return chances[:, 1] if rows.task.kind == "yes or no" else chances

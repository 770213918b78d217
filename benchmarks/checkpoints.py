"""What saving costs a real training: the same loop without it, in the same run."""

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.case import Case
from pressroom.workspace import training_run

_ROWS, _INPUTS, _WIDE, _SIZE, _EPOCHS = 20_000, 64, 1_024, 512, 5


def cases(runs: int) -> list[Case]:
    """A perceptron of PyTorch with 1.1 million weights, its optimizer's state included (13 MB a checkpoint), at the
    default cadence. A loop is some ten seconds long: what opening and the last checkpoint cost is in it, too.
    """
    draw = np.random.default_rng(0)
    rows = draw.normal(size=(_ROWS, _INPUTS)).astype(np.float32)
    labels = (rows[:, 0] * rows[:, 1] > 0).astype(np.float32)
    shares: list[float] = []
    walls: list[tuple[float, float]] = []
    _train(rows, labels, saves=False)
    for _ in range(runs):
        plain_s, _ = _train(rows, labels, saves=False)
        saving_s, stood_s = _train(rows, labels, saves=True)
        walls.append((saving_s, plain_s))
        shares.append(stood_s / saving_s)
    ours, limit = sorted(walls, key=lambda pair: pair[0] / pair[1])[len(walls) // 2]
    return [
        Case(name="training with checkpoints / the same without, whole loop", unit="s", ours=ours, limit=limit,
             target=1.03),
        Case(name="time that the training stood still for checkpoints / 3 %", unit="%",
             ours=100 * sorted(shares)[len(shares) // 2], limit=3.0, target=1.0),
    ]  # fmt: skip


def _train(rows: Any, labels: Any, *, saves: bool) -> tuple[float, float]:
    import torch

    torch.manual_seed(0)
    layers = [torch.nn.Linear(_INPUTS, _WIDE), torch.nn.ReLU(), torch.nn.Linear(_WIDE, _WIDE), torch.nn.ReLU()]
    net = torch.nn.Sequential(*layers, torch.nn.Linear(_WIDE, 1))
    optimizer = torch.optim.Adam(net.parameters())
    given = (torch.from_numpy(rows), torch.from_numpy(labels))

    def learn(x: Any, y: Any) -> float:
        optimizer.zero_grad()
        loss = torch.nn.functional.binary_cross_entropy_with_logits(net(x)[:, 0], y)
        loss.backward()
        optimizer.step()
        return float(loss.detach())

    with tempfile.TemporaryDirectory() as folder:
        if not saves:
            started = time.perf_counter()
            for _ in range(_EPOCHS):
                order = torch.from_numpy(np.random.default_rng(0).permutation(_ROWS))
                for first in range(0, _ROWS, _SIZE):
                    places = order[first : first + _SIZE]
                    learn(given[0][places], given[1][places])
            return time.perf_counter() - started, 0.0
        started = time.perf_counter()
        with training_run("bench", folder=Path(folder) / "run") as run:
            run.state(net=net, optimizer=optimizer)
            for x, y in run.batches(given, size=_SIZE, epochs=_EPOCHS):
                run.tick(loss=learn(x, y))
        return time.perf_counter() - started, run.stood_still_s

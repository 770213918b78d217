"""A training in a process of its own: says each step it has done, and at the end what it came to."""

import hashlib
import json
import sys
import time
from pathlib import Path

import numpy as np

from pressroom.training.run.cadence import Cadence
from pressroom.training.run.train_run import RunOptions, TrainRun

random = np.random.default_rng(5)
rows = random.normal(size=(403, 4))
labels = rows @ np.array([1.0, -2.0, 0.5, 0.0])
slow = "--slow" in sys.argv

with TrainRun(Path(sys.argv[1]), RunOptions(seed=7, cadence=Cadence(every_s=0.002))) as run:
    state = run.state(lambda: {"weights": np.zeros(4)})
    for x, y in run.batches((rows, labels), rows=10, epochs=4):
        error = x @ state["weights"] - y
        state["weights"] = state["weights"] - 0.05 * (x.T @ error / len(y) + np.random.normal(size=4) * 0.01)
        time.sleep(0.05 if slow else 0.001)
        run.tick(loss=np.mean(error**2))
        sys.stdout.write(json.dumps({"step": run.step}) + "\n")
        sys.stdout.flush()
sys.stdout.write(hashlib.sha256(state["weights"].tobytes()).hexdigest() + "\n")

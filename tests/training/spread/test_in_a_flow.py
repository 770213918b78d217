"""A step whose training is spread: its checkpoints lie with the step's key, and its journal with the attempt."""

from pathlib import Path

import pytest

from pressroom.flows import load_module
from pressroom.workspace import open_workspace

_JOB = """
import numpy as np

import pressroom as pr


def train(batches: int, bad: int) -> list[float]:
    with pr.training_run("slow", seed=5, every="1us") as run:
        state = run.state(w=np.zeros(2))
        for number in run.steps(batches):
            if number == bad and not run.is_resumed:
                raise ConnectionError("gone for a moment")
            state.w += run.averaged(np.ones(2))
            run.tick(loss=1.0)
            if number == bad - 1:
                run.save()
        return [*state.w.tolist(), float(run.workers)]


@pr.step(retries=1)
def fit(batches: int, bad: int) -> list[float]:
    return pr.spread(train, batches, bad, workers=2)


@pr.flow
def long(batches: int = 6, bad: int = 4):
    return fit(batches, bad)
"""


def test_a_step_that_fails_goes_on_from_the_checkpoint_of_its_workers(tmp_path: Path):
    pytest.importorskip("torch")
    (tmp_path / "pressroom.toml").touch()
    file = tmp_path / "spread_steps.py"
    file.write_text(_JOB, encoding="utf-8")
    with open_workspace(tmp_path) as workspace:
        done = workspace.flows.run(load_module(file).long, {})
        notes = [each for each in workspace.flows.progress(done.run) if each.kind in ("began", "taken up")]
    assert done.value == [6.0, 6.0, 2.0]
    assert [(each.kind, each.words) for each in notes] == [
        ("began", "2 workers"),
        ("taken up", "start 2, from tick 4, 2 workers"),
    ]

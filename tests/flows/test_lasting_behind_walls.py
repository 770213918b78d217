"""A training behind walls that is killed goes on from its checkpoint, as one without walls does."""

from functools import partial
from textwrap import dedent

import pytest

from pressroom.flows import load_module
from pressroom.workspace import executors, open_workspace

JOB = """
    import os
    import signal
    from pathlib import Path

    import numpy as np

    import pressroom as pr


    def train(name, ticks, deadly):
        with pr.training_run("walled", every="1us") as run:
            state = run.state(w=np.zeros(2))
            began = run.tick_number
            for number in run.steps(ticks):
                state.w += np.random.rand(2)
                run.tick(loss=float(state.w.sum()))
                if deadly and number in (3, 6) and began <= number:
                    run.save()
                    os.kill(os.getpid(), signal.SIGKILL)
            return state.w.tolist()


    @pr.step(runs_in="sandbox", isolated=True, disk_limit="50MB")
    def fit_walled(ticks: int) -> list[float]:
        return train("walled", ticks, True)


    @pr.step
    def fit_plainly(ticks: int) -> list[float]:
        return train("plain", ticks, False)


    @pr.flow
    def both(ticks: int = 10):
        return fit_walled(ticks), fit_plainly(ticks)
"""


@pytest.mark.parametrize("way", ["namespaces", "bubblewrap", "landlock"])
def test_a_sandboxed_training_that_is_killed_goes_on_from_its_checkpoint(tmp_path, monkeypatch, way):
    one_way = partial(executors.sandbox_of, ways=(way,))
    made = one_way("")
    if made.abilities.unusable:
        pytest.skip(made.abilities.unusable)
    monkeypatch.setattr(executors, "sandbox_of", one_way)
    (tmp_path / "pressroom.toml").touch()
    file = tmp_path / f"walled_{way}.py"
    file.write_text(dedent(JOB), encoding="utf-8")
    with open_workspace(tmp_path) as workspace:
        done = workspace.flows.run(load_module(file).both, {})
        told = workspace.flows.progress(done.run)
    walled, plain = done.value
    assert walled == plain
    assert [line.tick for line in told if line.kind == "taken up"] == [4, 7]
    assert not any((tmp_path / "data" / "lasting").iterdir())

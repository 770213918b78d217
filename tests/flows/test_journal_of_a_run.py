"""What a step tells while it runs, what it leaves to the next attempt, and what becomes of that."""

import json

JOB = """
    import os
    import signal

    import numpy as np

    import pressroom as pr


    @pr.step
    def fit(ticks: int) -> list[float]:
        with pr.training_run("small", every="1us") as run:
            state = run.state(w=np.zeros(2))
            began = run.tick_number
            for number in run.steps(ticks):
                state.w += np.random.rand(2)
                run.tick(loss=float(state.w.sum()))
                if number in (3, 6, 9, 12) and began <= number:
                    run.save()
                    os.kill(os.getpid(), signal.SIGKILL)
            return state.w.tolist()


    @pr.flow
    def small(ticks: int = 15):
        return fit(ticks)
"""


def test_an_attempt_that_is_killed_is_taken_up_as_long_as_it_gets_further(project):
    project.write("jobs.py", JOB)
    told = json.loads(project.cli("run", "jobs.py:small", "--json"))
    run = told["run"]
    lines = json.loads(project.cli("run-curve", run, "--json"))["progress"]
    assert [line["tick"] for line in lines if line["kind"] == "taken up"] == [4, 7, 10, 13]
    assert (lines[-1]["tick"], lines[-1]["kind"]) == (15, "ended")
    assert [line for line in lines if line["kind"] == "measured"][-1]["figures"]["loss"] > 0
    assert "loss: " in project.cli("run-curve", run)
    # What led to a result is needed no more once that is kept.
    assert not any((project.folder / "data" / "lasting").iterdir())


def test_a_run_without_trainings_has_no_curve(project):
    project.write("jobs.py", "import pressroom as pr\n\n\n@pr.flow\ndef nothing():\n    return 1\n")
    run = json.loads(project.cli("run", "jobs.py:nothing", "--json"))["run"]
    assert "told how it goes" in project.cli("run-curve", run)

"""What a step tells while it runs, what it leaves to the next attempt, and what becomes of that."""

import json
import subprocess
import sys
import time

from pressroom.workspace import open_workspace

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


HELD = """
    import os
    import signal
    import time
    from pathlib import Path

    import numpy as np

    import pressroom as pr

    LEFT = Path(__file__).parent


    @pr.step
    def fit(ticks: int) -> float:
        with pr.training_run("held", every="1us") as run:
            state = run.state(w=np.zeros(2))
            began = run.tick_number
            for number in run.steps(ticks):
                run.tick(loss=1.0)
                if number in (3, 6) and began <= number:
                    run.save()
                    os.kill(os.getpid(), signal.SIGKILL)
                if number == 8:
                    run.measure(auc=0.5)
                while number == 8 and not (LEFT / "go_on").exists():
                    time.sleep(0.01)
            return 0.0


    @pr.flow
    def held(ticks: int = 12):
        return fit(ticks)
"""


def test_a_run_says_how_it_stands_while_it_goes_on_and_when_its_driver_is_lost(project):
    project.write("jobs.py", HELD)
    with subprocess.Popen(
        [sys.executable, "-m", "pressroom", "run", "jobs.py:held"], cwd=project.folder, stderr=subprocess.DEVNULL
    ) as driver:
        until = time.monotonic() + 120
        with open_workspace(project.folder) as workspace:
            while True:
                runs = [note.run for _, note in workspace.flows.runs()]
                stands = workspace.flows.standings(*runs)
                if any(each.starts == 3 and each.tick == 9 for steps in stands.values() for each in steps):
                    break
                assert driver.poll() is None
                assert time.monotonic() < until
                time.sleep(0.05)
        said = project.cli("runs")
        assert "fit: tick 9, epoch 0" in said
        assert "3 starts" in said
        assert "saved at tick " in said
        curve = project.cli("run-curve", runs[0])
        assert f"{runs[0]}: started" in curve
        assert "last heard of" in curve
        driver.kill()
        driver.wait()
    said = project.cli("runs")
    assert "lost" in said
    assert "its process is gone" in said
    (project.folder / "go_on").touch()
    (again,) = (line for line in project.cli("run-resume", runs[0]).splitlines() if line.startswith("held-"))
    (stands,) = json.loads(project.cli("run-curve", again.partition(":")[0], "--json"))["standings"]
    assert (stands["tick"], stands["over"], stands["starts"]) == (12, True, 1)

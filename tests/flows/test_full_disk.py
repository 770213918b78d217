"""A training whose disk is full, really: it goes on, its owner is told, and what it saved before stays good."""

import json
import os
import subprocess

import pytest

JOB = """
    import os
    import signal
    from pathlib import Path

    import numpy as np

    import pressroom as pr
    from pressroom.flows import attempt_place

    WIDE = 20_000


    def fill(folder):
        with open(folder / "filler", "wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass


    @pr.step
    def fit(ticks: int, fills: bool) -> list[float]:
        with pr.training_run("full", every="1us", keep=pr.Keep(last=1)) as run:
            state = run.state(w=np.zeros(WIDE))
            began = run.tick_number
            for number in run.steps(ticks):
                state.w += np.random.rand(WIDE)
                run.tick(loss=1.0)
                if fills and number == 3 and began == 0:
                    run.save()
                    fill(attempt_place().lasting)
                if fills and number == 8 and began == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
            return state.w[:5].tolist()


    @pr.flow(owner="ml-ops")
    def both(ticks: int = 12):
        return fit(ticks, True).get(), fit(ticks, False)
"""


@pytest.fixture
def small_disk(project):
    folder = project.folder / "data" / "lasting"
    folder.mkdir(parents=True)
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk takes root")
    words = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if subprocess.run(words, check=False, capture_output=True).returncode != 0:
        pytest.skip("this machine lets nobody mount a tmpfs")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_training_on_a_full_disk_goes_on_and_its_owner_is_told(project, small_disk):
    project.write("jobs.py", JOB)
    run = json.loads(project.cli("run", "jobs.py:both", "--json"))
    full, undisturbed = run["value"]
    assert full == undisturbed
    lines = json.loads(project.cli("run-curve", run["run"], "--json"))["progress"]
    # Killed on the full disk, it went on from what was saved before.
    assert [line["tick"] for line in lines if line["kind"] == "taken up"] == [4]
    notices = [json.loads(line) for line in (project.folder / "data" / "notices.jsonl").read_text().splitlines()]
    told = [each for each in notices if "/0000/" in each["id"] and "A checkpoint was not written" in each["text"]]
    assert len(told) == 1
    assert "the training goes on with the last good one" in told[0]["text"]
    assert "Free space where" in told[0]["text"]
    assert told[0]["owner"] == "ml-ops"

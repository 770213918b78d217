"""Trainings over several processes of this machine: what comes out is what one process makes, whatever is lost."""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from tests.training.spread import jobs

import pressroom as pr
from pressroom.backends.local.crews import ProcessCrews
from pressroom.flows import BadFlow
from pressroom.training import BadTraining, Diverged, NotFinite, Preempted, WorkerFailed

EPOCHS = 4
TICKS = EPOCHS * 11
LONG_S = 60.0


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> np.ndarray:
    return np.array(jobs.net_in_torch(folder_of(tmp_path_factory.mktemp("undisturbed")), EPOCHS))


@pytest.fixture(scope="module")
def warm() -> Iterator[ProcessCrews]:
    """Processes that have PyTorch loaded, for one training after the other."""
    crews = Lasting(2)
    yield crews
    ProcessCrews.close(crews)


class Lasting(ProcessCrews):
    """Processes that outlive a training."""

    def close(self) -> None:
        self.end(0.0)


@pytest.fixture(autouse=True)
def on_warm_processes(warm, monkeypatch):
    monkeypatch.setattr(sys.modules["pressroom.workspace.spread"], "crews_of", lambda _: warm)


def folder_of(path: Path, leave: int = TICKS) -> str:
    path.mkdir(exist_ok=True)
    (path / "leave").write_text(str(leave), encoding="ascii")
    return str(path)


def notes(folder: Path) -> list[tuple[str, int, int, int, float]]:
    path = folder / "notes"
    return [tuple(json.loads(line)) for line in path.read_bytes().splitlines()] if path.exists() else []


def beside(folder: Path, tick: int, then: Callable[[list[tuple[str, int, int, int, float]]], None]) -> threading.Thread:
    """When the training has reached a tick, do something, and let it go on."""

    def wait() -> None:
        until = time.monotonic() + LONG_S
        while not any(each[0] == "tick" and each[2] >= tick for each in notes(folder)) and time.monotonic() < until:
            time.sleep(0.005)
        then(notes(folder))
        folder_of(folder)

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def saved(folder: Path) -> int:
    """The last tick of which a checkpoint was told to be written."""
    lines = [json.loads(line) for line in (folder / "checkpoints.journal").read_bytes().splitlines()]
    return max(line["tick"] for line in lines if line["kind"] == "saved")


def kill(worker: int) -> None:
    os.kill(worker, signal.SIGKILL)


def test_two_workers_end_as_one(tmp_path, undisturbed):
    two = pr.spread(jobs.net_in_torch, folder_of(tmp_path / "two"), EPOCHS, workers=2)
    assert np.abs(np.array(two) - undisturbed).max() < 1e-9
    assert {each[3] for each in notes(tmp_path / "two")} == {2}
    lines = [json.loads(line) for line in (tmp_path / "two" / "checkpoints.journal").read_bytes().splitlines()]
    assert (lines[0]["kind"], lines[0]["words"]) == ("began", "2 workers")


@pytest.mark.parametrize("who", [0, 1])
def test_a_worker_is_killed_and_the_training_ends_as_an_undisturbed_one(tmp_path, undisturbed, who):
    folder = tmp_path / "killed"
    folder_of(folder, 20)
    killed: list[int] = []
    safe: list[int] = []

    def then(told) -> None:
        safe.append(saved(folder))
        first = next(each[1] for each in told if each[0] == "tick")
        workers = [first, next(each[1] for each in told if each[1] != first)]
        killed.append(workers[who])
        kill(workers[who])

    thread = beside(folder, 20, then)
    found = pr.spread(jobs.net_in_torch, str(folder), EPOCHS, workers=(1, 2))
    thread.join()
    assert np.abs(np.array(found) - undisturbed).max() < 1e-9
    starts = [each for each in notes(folder) if each[0] == "start" and each[2] > 0]
    # What was told to be saved before the kill is where it goes on, or later.
    assert starts[0][2] >= safe[0] > 0
    words = [json.loads(line)["words"] for line in (folder / "checkpoints.journal").read_bytes().splitlines()]
    assert any("2 workers; before, worker" in each and "killed by signal 9" in each for each in words)
    assert not psutil.pid_exists(killed[0])


@pytest.mark.parametrize("first", [1, 2])
def test_any_number_goes_on_from_the_checkpoints_of_any_other(tmp_path, undisturbed, first):
    folder = tmp_path / "both"
    folder_of(folder, 20)
    ended = threading.Event()

    def then(_) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        # A signal is heard between two ticks: they come slowly enough that none of it is missed.
        for tick in range(21, TICKS):
            folder_of(folder, tick)
            if ended.wait(0.2):
                return

    # A signal that comes once the run has put its own way back must not end the tests themselves.
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    thread = beside(folder, 20, then)
    try:
        with pytest.raises(Preempted):
            trained(str(folder), first)
    finally:
        ended.set()
        thread.join()
        signal.signal(signal.SIGTERM, before)
    assert np.abs(np.array(trained(str(folder), 3 - first)) - undisturbed).max() < 1e-9
    starts = [each[2] for each in notes(folder) if each[0] == "start"]
    assert starts[-1] >= 20


def trained(folder: str, workers: int) -> list[float]:
    if workers == 1:
        return jobs.net_in_torch(folder, EPOCHS)
    return pr.spread(jobs.net_in_torch, folder, EPOCHS, workers=workers)


def test_numpy_loops_average_by_hand(tmp_path):
    one = jobs.slopes_in_numpy(folder_of(tmp_path / "one"), 2)
    two = pr.spread(jobs.slopes_in_numpy, folder_of(tmp_path / "two"), 2, workers=2)
    assert np.allclose(one["slopes"], two["slopes"], rtol=0, atol=1e-12)
    # Shares of a batch add up to it, also of the last one, which is a single row.
    assert np.allclose(two["ones"], 1.0)


@pytest.mark.parametrize(
    ("job", "kind", "said"),
    [
        (jobs.with_batch_norm, BadTraining, r"state\.net went apart between workers with the first batch"),
        (jobs.of_its_own, BadTraining, r"state\.draw is not the same in all workers before the first batch"),
        (jobs.of_another_library, BadTraining, r"state\.net is of sklearn, which is not spread"),
        (jobs.by_rounds, BadTraining, "Rounds of boosting are not spread"),
        (jobs.with_a_bad_row, NotFinite, r"rows 77 are NaN"),
        (jobs.beyond_all_bounds, Diverged, "the batch itself is sound"),
        (jobs.that_raises, WorkerFailed, "ValueError: the second worker stumbles"),
        (jobs.that_gives_what_can_not_be_kept, BadFlow, "What that_gives_what_can_not_be_kept returned"),
    ],
)
def test_what_is_wrong_in_a_worker_is_said_by_the_one_that_asked(tmp_path, job, kind, said):
    with pytest.raises(kind, match=said):
        pr.spread(job, folder_of(tmp_path / "bad"), workers=2)


def test_a_batch_that_one_worker_finds_bad_is_passed_over_by_all(tmp_path):
    assert pr.spread(jobs.passing_over, folder_of(tmp_path / "skip"), workers=2) == 10


@pytest.mark.parametrize(
    ("workers", "said"),
    [
        ((3, 2), "A training over 3 to 2 workers"),
        (0, "A training over 0 to 0 workers"),
        (4096, "asks for 4096 workers, and this machine has"),
    ],
)
def test_numbers_that_can_not_be_are_refused(tmp_path, workers, said):
    with pytest.raises(BadTraining, match=said):
        pr.spread(jobs.net_in_torch, str(tmp_path), 1, workers=workers)


def test_what_no_other_process_finds_is_refused(tmp_path):
    def inner(folder: str) -> None: ...

    for wrong in (inner, lambda folder: None, int):
        with pytest.raises(BadTraining, match="can't be called in another process"):
            pr.spread(wrong, str(tmp_path), workers=2)
    with pytest.raises(BadTraining, match="missing a required argument"):
        pr.spread(jobs.net_in_torch, workers=2)
    with pytest.raises(BadFlow, match="An argument of slopes_in_numpy can't be kept"):
        pr.spread(jobs.slopes_in_numpy, object(), 2, workers=2)

"""Runs that are interrupted at any step go on as if nothing had been."""

import itertools
import json
import os
import queue
import random
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pressroom.training.run.cadence import Cadence
from pressroom.training.run.checkpoints import Retention
from pressroom.training.run.curve import read_curve, read_events
from pressroom.training.run.errors import BadState, LossNotFinite, RunTaken
from pressroom.training.run.train_run import RunOptions, TrainRun
from pressroom.values import InvalidInput

RANDOM = np.random.default_rng(5)
ROWS = RANDOM.normal(size=(103, 4))
LABELS = ROWS @ np.array([1.0, -2.0, 0.5, 0.0]) + 0.1 * RANDOM.normal(size=103)
QUIET = RunOptions(seed=7, cadence=Cadence(every_s=0.0), tell=lambda event: None)


class Interrupted(Exception):
    """Stands for whatever ends a process."""


def fit(folder, options=QUIET, stop_after=None):
    """Least squares by noisy gradient steps; the weights at the end, and the first row of each batch as it came."""
    seen = []
    run = TrainRun(folder, options)
    state = run.state(lambda: {"weights": np.zeros(4), "velocity": np.zeros(4), "rate": 0.05})
    try:
        for x, y in run.batches((ROWS, LABELS), rows=10, epochs=3):
            seen.append(float(x[0, 0]))
            error = x @ state["weights"] - y
            noise = np.random.normal(size=4) * 0.01 + random.gauss(0, 0.01)
            state["velocity"] = 0.9 * state["velocity"] - state["rate"] * (x.T @ error / len(y) + noise)
            state["weights"] = state["weights"] + state["velocity"]
            state["rate"] *= 0.99
            run.tick(loss=np.mean(error**2), rows=len(y))
            run.wait_for_checkpoint()
            if len(seen) == stop_after:
                raise Interrupted
        run.checkpoint()
    except Interrupted:
        return None, seen
    finally:
        run.close()
    return state["weights"], seen


@settings(max_examples=25, deadline=None)
@given(stops=st.lists(st.integers(1, 12), max_size=5))
def test_a_run_that_is_interrupted_anywhere_ends_with_the_same_bits(tmp_path_factory, stops):
    whole, order = fit(tmp_path_factory.mktemp("whole") / "run")
    folder = tmp_path_factory.mktemp("cut") / "run"
    seen = []
    for stop in stops:
        weights, part = fit(folder, stop_after=stop)
        seen += part
        if weights is not None:
            break
    weights, part = fit(folder)
    assert weights.tobytes() == whole.tobytes()
    assert [*seen, *part] == order


def test_rows_of_an_epoch_come_once_each(tmp_path):
    with TrainRun(tmp_path / "run", QUIET) as run:
        run.state(lambda: {"n": 0})
        rows = [float(value) for batch in run.batches(ROWS, rows=10, epochs=2) for value in batch[:, 0]]
    assert sorted(rows[:103]) == sorted(rows[103:]) == sorted(ROWS[:, 0].tolist())
    assert rows[:103] != rows[103:]


def test_a_second_process_is_refused(tmp_path):
    with TrainRun(tmp_path / "run", QUIET), pytest.raises(RunTaken, match="Another process trains"):
        TrainRun(tmp_path / "run", QUIET)


def test_a_damaged_checkpoint_is_left_out_and_told(tmp_path):
    whole, _ = fit(tmp_path / "whole")
    fit(tmp_path / "run", stop_after=9)
    newest = sorted((tmp_path / "run" / "checkpoints").glob("*.checkpoint"))[-1]
    raw = bytearray(newest.read_bytes())
    raw[len(raw) // 2] ^= 1
    newest.write_bytes(raw)
    weights, _ = fit(tmp_path / "run")
    assert weights.tobytes() == whole.tobytes()
    assert [event.kind for event in read_events(tmp_path / "run")] == ["damaged", "restored"]


def test_a_checkpoint_that_is_cut_off_is_left_out(tmp_path):
    fit(tmp_path / "run", stop_after=9)
    newest = sorted((tmp_path / "run" / "checkpoints").glob("*.checkpoint"))[-1]
    newest.write_bytes(newest.read_bytes()[:-7])
    with TrainRun(tmp_path / "run", QUIET) as run:
        assert run.step == 8


def test_only_what_is_worth_its_room_is_kept(tmp_path):
    losses = [5.0, 1.0, 4.0, 3.0, 2.0, 6.0, 7.0, 8.0, 9.0, 9.5, 9.9]
    with TrainRun(tmp_path / "run", replace(QUIET, retention=Retention(last=2, best=True))) as run:
        run.state(lambda: {"n": 0})
        for loss, _ in zip(losses, run.batches(ROWS, rows=10), strict=True):
            run.tick(loss=loss)
            run.wait_for_checkpoint()
    assert sorted(int(path.stem) for path in (tmp_path / "run" / "checkpoints").glob("*.checkpoint")) == [2, 10, 11]


def test_the_curve_says_the_loss_by_step(tmp_path):
    with TrainRun(tmp_path / "run", QUIET) as run:
        run.state(lambda: {"n": 0})
        for number, _ in enumerate(run.batches(ROWS, rows=10), 1):
            run.tick(loss=number, accuracy=0.5)
    assert [(line["step"], line["loss"], line["accuracy"]) for line in read_curve(tmp_path / "run")] == [(11, 6.0, 0.5)]


def test_a_loss_that_is_no_number_stops_the_run_and_names_the_batch(tmp_path):
    run = TrainRun(tmp_path / "run", QUIET)
    run.state(lambda: {"n": 0})
    batches = run.batches(ROWS, rows=10)
    for loss in (1.0, 1.0):
        next(batches)
        run.tick(loss=loss)
    next(batches)
    with pytest.raises(LossNotFinite, match=r"nan after batch 3 \(step 3\)"):
        run.tick(loss=float("nan"))
    run.close()


def test_a_run_may_go_back_and_leave_the_batch_out(tmp_path):
    options = replace(QUIET, not_finite="go_back")
    with TrainRun(tmp_path / "run", options) as run:
        state = run.state(lambda: {"weights": np.zeros(2)})
        for number, _ in enumerate(run.batches(ROWS, rows=10), 1):
            state["weights"] += np.nan if number == 5 else 1.0
            run.tick(loss=float(state["weights"].sum()))
            run.wait_for_checkpoint()
    assert state["weights"].tolist() == [10.0, 10.0]
    assert "went_back" in [event.kind for event in read_events(tmp_path / "run")]


def test_a_full_disk_costs_a_checkpoint_and_not_the_run(tmp_path, monkeypatch):
    told = []
    with TrainRun(tmp_path / "run", replace(QUIET, tell=told.append)) as run:
        run.state(lambda: {"weights": np.zeros(2)})
        for number, _ in enumerate(run.batches(ROWS, rows=10), 1):
            with monkeypatch.context() as patch:
                if number == 4:
                    patch.setattr(os, "fsync", lambda handle: (_ for _ in ()).throw(OSError(28, "No space left")))
                run.tick(loss=1.0)
                run.wait_for_checkpoint()
    assert [event.message for event in told] == ["The checkpoint of step 4 was not written: No space left."]
    assert run.step == 11


def test_what_can_not_be_kept_is_refused_before_the_first_step(tmp_path):
    with TrainRun(tmp_path / "run", QUIET) as run, pytest.raises(BadState, match=r"state\['queue'\] is a queue"):
        run.state(lambda: {"queue": queue.Queue()})


def test_a_state_that_has_other_parts_than_its_checkpoint_is_refused(tmp_path):
    fit(tmp_path / "run", stop_after=3)
    run = TrainRun(tmp_path / "run", QUIET)
    with pytest.raises(BadState, match="'bias', which the checkpoint has not"):
        run.state(lambda: {"weights": np.zeros(4), "bias": 0.0})
    run.close()


def test_batches_of_what_has_no_length_are_refused(tmp_path):
    with TrainRun(tmp_path / "run", QUIET) as run:
        run.state(lambda: {"n": 0})
        with pytest.raises(InvalidInput, match="it has no length"):
            next(run.batches(itertools.count(), rows=10))


CHILD = Path(__file__).with_name("trained_child.py")


def start(folder, *options):
    return subprocess.Popen(
        [sys.executable, str(CHILD), str(folder), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def test_a_run_that_is_killed_again_and_again_ends_with_the_same_bits(tmp_path):
    whole = start(tmp_path / "whole").communicate()[0].strip().splitlines()[-1]
    kills = 8
    delays = np.random.default_rng(3).integers(1, 25, kills)
    lost = []
    for delay in delays:
        process = start(tmp_path / "run")
        assert process.stdout is not None
        steps = []
        for line in process.stdout:
            steps.append(json.loads(line)["step"])
            if len(steps) == delay:
                process.send_signal(signal.SIGKILL)
                break
        process.communicate()
        if len(steps) < delay:
            break
        lost.append(steps[-1])
    assert start(tmp_path / "run").communicate()[0].strip().splitlines()[-1] == whole


def test_a_run_that_is_asked_to_stop_keeps_its_last_step(tmp_path):
    process = start(tmp_path / "run", "--slow")
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line)["step"] == 5:
            process.send_signal(signal.SIGTERM)
            break
    told = process.communicate()[0].strip().splitlines()
    assert process.returncode == -signal.SIGTERM
    last = json.loads(told[-1])["step"] if told else 5
    with TrainRun(tmp_path / "run", QUIET) as run:
        assert run.step >= last
        assert run.step <= last + 1

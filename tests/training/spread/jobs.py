"""Trainings that are spread over workers: they are called in other processes, by this file and their names."""

import json
import os
import time
from pathlib import Path

import numpy as np
import pytest

import pressroom as pr

torch = pytest.importorskip("torch")
linear = pytest.importorskip("sklearn.linear_model")

ROWS = np.random.default_rng(0).normal(size=(101, 4))
LABELS = ROWS @ np.array([1.0, -2.0, 0.5, 0.0]) + 0.3


def note(folder: str, kind: str, run) -> None:
    line = [kind, os.getpid(), run.tick_number, run.workers, time.time()]
    with open(f"{folder}/notes", "ab", buffering=0) as file:
        file.write(json.dumps(line).encode() + b"\n")


def wait_for_leave(folder: str, tick: int) -> None:
    """The test says how far it may go."""
    while tick >= int((Path(folder) / "leave").read_text(encoding="ascii") or 0):
        time.sleep(0.002)


def net_in_torch(folder: str, epochs: int, every: str = "50ms", size: int = 10) -> list[float]:
    rows, labels = torch.from_numpy(ROWS), torch.from_numpy(LABELS)
    with pr.training_run("net", folder=f"{folder}/checkpoints", seed=3, every=every) as run:
        net = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Tanh(), torch.nn.LayerNorm(8), torch.nn.Linear(8, 1))
        net = net.double()
        optimizer = torch.optim.AdamW(net.parameters(), lr=1e-2)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 200)
        state = run.state(net=net, optimizer=optimizer, schedule=schedule)
        note(folder, "start", run)
        for _ in run.epochs(epochs):
            for x, y in run.batches((rows, labels), size=size):
                wait_for_leave(folder, run.tick_number)
                optimizer.zero_grad()
                loss = ((net(x)[:, 0] - y) ** 2).mean()
                loss.backward()
                torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
                optimizer.step()
                schedule.step()
                run.tick(loss=loss, largest=float(x.abs().max()))
                note(folder, "tick", run)
        return [float(each) for part in state.net.parameters() for each in part.detach().reshape(-1)]


def slopes_in_numpy(folder: str, epochs: int) -> dict[str, list[float]]:
    seen: list[float] = []
    with pr.training_run("slopes", folder=f"{folder}/checkpoints", seed=3) as run:
        state = run.state(slopes=np.zeros(4))
        for x, y in run.batches((ROWS, LABELS), size=10, epochs=epochs):
            wrong = x @ state.slopes - y
            state.slopes -= 0.01 * run.averaged(x.T @ wrong / len(y))
            run.tick(loss=np.mean(wrong**2))
            seen.append(float(run.averaged(1.0)))
        return {"slopes": state.slopes.tolist(), "ones": sorted(set(seen))}


def one_step(run, net, x) -> None:
    loss = (net(x) ** 2).mean()
    loss.backward()
    for each in net.parameters():
        each.data -= 0.01 * each.grad
    run.tick(loss=loss)


def with_batch_norm(folder: str) -> None:
    with pr.training_run("bad", folder=f"{folder}/checkpoints") as run:
        net = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.BatchNorm1d(3))
        run.state(net=net)
        for x in run.batches(torch.from_numpy(ROWS).float(), size=10):
            one_step(run, net, x)


def of_its_own(folder: str) -> None:
    with pr.training_run("bad", folder=f"{folder}/checkpoints") as run:
        run.state(draw={"process": os.getpid()})


def of_another_library(folder: str) -> None:
    with pr.training_run("bad", folder=f"{folder}/checkpoints") as run:
        run.state(net=linear.SGDClassifier())


def by_rounds(folder: str) -> None:
    with pr.training_run("bad", folder=f"{folder}/checkpoints") as run:
        run.state(booster=None)
        list(run.rounds(10))


def over_rows(folder: str, rows, **options) -> int:
    with pr.training_run("bad", folder=f"{folder}/checkpoints", every="1us", **options) as run:
        state = run.state(mean=np.zeros(4))
        for x in run.batches(rows, size=10):
            state.mean += run.averaged(x.mean(axis=0))
            run.tick(loss=x.sum())
        return run.tick_number


def with_a_bad_row(folder: str) -> int:
    rows = ROWS.copy()
    rows[77, 1] = np.nan
    return over_rows(folder, rows)


def passing_over(folder: str) -> int:
    rows = ROWS.copy()
    rows[77, 1] = np.nan
    return over_rows(folder, rows, on_bad="skip")


def beyond_all_bounds(folder: str) -> None:
    with pr.training_run("bad", folder=f"{folder}/checkpoints") as run:
        run.state(nothing=0)
        for _ in run.steps(3):
            run.tick(loss=float("inf"))


def that_raises(folder: str) -> None:
    with pr.training_run("bad", folder=f"{folder}/checkpoints") as run:
        run.state(nothing=0)
        for x in run.batches(ROWS, size=10, shuffle=False):
            if run.tick_number == 3 and x[-1, 0] == ROWS[39, 0]:
                raise ValueError("the second worker stumbles")
            run.tick(loss=1.0)


def that_gives_what_can_not_be_kept(folder: str) -> object:
    return object()

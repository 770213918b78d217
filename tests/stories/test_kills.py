"""Trainings that are killed, worker or driver, whenever it hits them: they end as undisturbed ones do."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

KILLS = int(os.environ.get("PRESSROOM_KILLS", "6"))
"""`make test-kills` sets more."""

EVERY = "200ms" if KILLS > 20 else "50ms"
SPAN = 150 if KILLS > 20 else 40
"""Ticks, at most, from one kill to the next."""

LONG_S = 120.0
"""How long one may wait for a sign of life."""

_JOB = """
import json
import os
import time

import numpy as np

import pressroom as pr

_LEFT = os.environ.get("KILLS_FOLDER", ".")


def wait_for_leave(tick):
    # The test says how far it may go: whoever kills it is never too late, however busy the machine is.
    while tick >= int(open(f"{_LEFT}/leave").read() or 0):
        time.sleep(0.002)


def note(kind, tick):
    with open(f"{_LEFT}/notes", "ab", buffering=0) as file:
        file.write(json.dumps([kind, os.getpid(), tick, time.monotonic()]).encode() + b"\\n")


@pr.step
def fit(batches: int) -> str:
    rows = np.random.default_rng(1).normal(size=(batches * 8, 4))
    with pr.training_run("slow", seed=5, every="EVERY") as run:
        state = run.state(w=np.zeros(4), draw=np.random.default_rng(2), seen={"rows": 0})
        note("start", run.tick_number)
        for batch in run.batches(rows, size=8):
            state.w += 0.01 * batch.mean(axis=0) + 1e-3 * state.draw.normal(size=4) + 1e-3 * np.random.rand(4)
            state.seen["rows"] += len(batch)
            wait_for_leave(run.tick_number)
            time.sleep(0.002)
            run.tick(loss=float(np.abs(state.w).sum()))
            note("tick", run.tick_number)
        return state.digest()


@pr.flow
def long(batches: int = 100):
    return fit(batches)
"""

_DRIVE = """
import sys
from pathlib import Path
from pressroom.flows import load_module
from pressroom.workspace import open_workspace
with open_workspace(".") as workspace:
    print(workspace.flows.run(load_module(Path("slow_job.py")).long, {"batches": int(sys.argv[1])}).value)
"""


def drive(folder: Path, batches: int) -> subprocess.Popen[bytes]:
    """A driver in a process of its own; what it prints goes to a file."""
    with open(folder / "printed", "ab") as printed, open(folder / "said", "ab") as said:
        return subprocess.Popen(
            [sys.executable, "-c", _DRIVE, str(batches)],
            cwd=folder,
            env={**os.environ, "KILLS_FOLDER": str(folder)},
            stdout=printed,
            stderr=said,
        )


def project(folder: Path, leave: int) -> Path:
    folder.mkdir()
    give_leave(folder, leave)
    (folder / "pressroom.toml").touch()
    (folder / "slow_job.py").write_text(_JOB.replace("EVERY", EVERY), encoding="utf-8")
    return folder


def give_leave(folder: Path, ticks: int) -> None:
    """The training may go on until it has done so many."""
    written = folder / "leave.new"
    written.write_text(str(ticks), encoding="ascii")
    written.replace(folder / "leave")


def notes(folder: Path) -> list[tuple[str, int, int, float]]:
    path = folder / "notes"
    lines = path.read_bytes().splitlines() if path.exists() else []
    return [tuple(json.loads(line)) for line in lines]


def saved(folder: Path) -> Iterator[int]:
    """The ticks of checkpoints that were told to be written, in any attempt."""
    for journal in (folder / "data" / "runs").glob("*/*/journal"):
        for line in journal.read_bytes().splitlines():
            told = json.loads(line)
            if told["kind"] == "saved":
                yield told["tick"]


def kill_somebody(driver: subprocess.Popen[bytes], worker: int, draw: random.Random) -> str:
    if draw.random() < 0.3:
        os.kill(driver.pid, signal.SIGKILL)
        driver.wait()
        return "driver"
    if psutil.pid_exists(worker):
        os.kill(worker, signal.SIGKILL)
    return "worker"


def wait_for(folder: Path, driver: subprocess.Popen[bytes], ticks: int) -> None:
    """Until so many more ticks are done, or the driver has given up."""
    seen = notes(folder)
    give_leave(folder, max((tick for _, _, tick, _ in seen), default=0) + SPAN)
    until = time.monotonic() + LONG_S
    while driver.poll() is None:
        if sum(kind == "tick" for kind, *_ in notes(folder)[len(seen) :]) >= ticks:
            return
        assert time.monotonic() < until, f"It stands still: {said(folder)}"
        time.sleep(0.005)
    assert driver.returncode != 0, "It ended before it was killed as often as it was to be."


def said(folder: Path) -> str:
    """The last that drivers said."""
    return (folder / "said").read_text(encoding="utf-8")[-2000:]


def undisturbed(folder: Path, batches: int) -> str:
    assert drive(project(folder, batches), batches).wait(timeout=600) == 0
    return (folder / "printed").read_text(encoding="ascii").strip()


@pytest.mark.timeout(600 + 10 * KILLS)
def test_a_training_that_is_killed_again_and_again_ends_as_an_undisturbed_one(tmp_path, capsys):
    draw = random.Random(7)
    batches = 100 + SPAN * KILLS
    wanted = undisturbed(tmp_path / "undisturbed", batches)
    folder = project(tmp_path / "killed", 0)
    driver, killed, lost = drive(folder, batches), {"driver": 0, "worker": 0}, []
    safe: list[tuple[int, int]] = []
    while sum(killed.values()) < KILLS:
        wait_for(folder, driver, draw.randrange(1, SPAN))
        if driver.poll() is None:
            now = notes(folder)
            safe.append((len(now), max(saved(folder), default=0)))
            killed[kill_somebody(driver, now[-1][1], draw)] += 1
        if driver.poll() is not None:
            # Killed, or it gave up after three kills without a checkpoint in between: somebody runs it again.
            driver = drive(folder, batches)
    give_leave(folder, batches)
    while driver.wait(timeout=LONG_S + 0.01 * batches) != 0:
        driver = drive(folder, batches)
    assert (folder / "printed").read_text(encoding="ascii").strip() == wanted
    assert sum(killed.values()) == KILLS
    told = notes(folder)
    starts = [place for place, (kind, *_) in enumerate(told) if kind == "start"]
    for lines, tick in safe:
        # What was told to be saved before the kill is where the next start goes on, or later.
        after = next(start for start in starts if start >= lines)
        assert told[after][2] >= tick
    for start in starts[1:]:
        at = {tick: when for kind, _, tick, when in told[:start] if kind == "tick"}
        if at and told[start][2] in at:
            lost.append(max(at.values()) - at[told[start][2]])
    result = f"{killed}, {len(starts)} starts, lost at most {max(lost):.3f} s, mean {sum(lost) / len(lost):.3f} s"
    with capsys.disabled():
        sys.stdout.write(f"\n{result}, at an interval of {EVERY}\n")

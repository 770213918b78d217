"""What a step costs beyond its own work: against a bare interpreter, and per step in a fan-out."""

import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import checkpoints
from benchmarks.case import Case, Report, in_turn
from benchmarks.prefect import Prefect, prefect
from pressroom.flows import load_module
from pressroom.workspace import Workspace, open_workspace

_JOBS = """
from pressroom.flows import flow, step


@step
def nothing(number: int) -> int:
    return number


@step(warm=True)
def nothing_warm(number: int) -> int:
    return number


@flow
def in_a_row(start: int, count: int = 10):
    return [nothing(start + number).get() for number in range(count)]


@flow
def side_by_side(start: int, count: int = 100):
    return [nothing(start + number) for number in range(count)]


@flow
def in_warm_workers(start: int, count: int = 100):
    return [nothing_warm(start + number) for number in range(count)]
"""


def measure(runs: int) -> Report:
    """A step that does nothing: each in its own process, with record and cache on."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "pressroom.toml").touch()
        (folder / "idle_jobs.py").write_text(_JOBS, encoding="utf-8")
        jobs = load_module(folder / "idle_jobs.py")
        with open_workspace(folder) as workspace, prefect(folder) as peer:
            cases = (*_cases(workspace, jobs, runs, peer), *checkpoints.cases(min(runs, 3)))
            return Report(area="flows", cases=cases)


def _cases(workspace: Workspace, jobs: object, runs: int, peer: Prefect | None) -> list[Case]:
    starts = iter(range(0, 1 << 40, 1_000))
    flows = workspace.flows

    def run(name: str, start: int) -> int:
        done = flows.run(getattr(jobs, name), {"start": start})
        return sum(done.value) - start * len(done.value)

    # The first run starts the process from which steps are forked; later ones find it there.
    kept = next(starts)
    run("side_by_side", kept)
    row, interpreters = in_turn(runs, lambda: run("in_a_row", next(starts)), _interpreters)
    fan, warm = in_turn(runs, lambda: run("side_by_side", next(starts)), lambda: run("in_warm_workers", next(starts)))
    cached, _ = in_turn(runs, lambda: run("side_by_side", kept), _interpreters)
    cases = [
        Case(name="no-op step, own process, 10 in a row / bare interpreter", unit="ms a step",
             ours=row / 10 * 1e3, limit=interpreters / 10 * 1e3, target=1.0),
        Case(name="fan-out of 100 short steps, warm workers / 10 ms", unit="ms a step",
             ours=warm / 100 * 1e3, limit=10.0, target=1.0),
        Case(name="fan-out of 100 short steps, a process each / 10 ms", unit="ms a step",
             ours=fan / 100 * 1e3, limit=10.0, target=1.0),
        Case(name="100 cached steps / 3 ms", unit="ms a step", ours=cached / 100 * 1e3, limit=3.0, target=1.0),
    ]  # fmt: skip
    if peer is not None:
        for name, words in (("in_warm_workers", "warm workers"), ("side_by_side", "a process each")):
            ours, theirs = in_turn(runs, lambda: run(name, next(starts)), lambda: peer.run(next(starts)))  # noqa: B023
            cases.append(
                Case(name=f"fan-out of 100 short steps, {words} / Prefect, its threads", unit="ms a step",
                     ours=ours / 100 * 1e3, limit=theirs / 100 * 1e3, target=1 / 8)
            )  # fmt: skip
    return cases


def _interpreters() -> int:
    for _ in range(10):
        subprocess.run([sys.executable, "-c", "pass"], check=True)
    return sum(range(10))

"""A training over two nodes, one of which is killed, or drained, in the middle: only where it is asked for."""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from tests.training.spread import jobs

import pressroom as pr
from pressroom.backends.ray.nodes import RayNodes
from pressroom.training import Spread

pytestmark = [pytest.mark.ray, pytest.mark.filterwarnings("ignore"), pytest.mark.timeout(300)]

EPOCHS, BATCHES = 30, 11
TICKS = EPOCHS * BATCHES
LONG_S = 120.0
NODE = {"num_cpus": 1, "object_store_memory": 100_000_000}


class Floor:
    """A cluster whose head works not, and a training on its nodes that goes as far as it is let."""

    def __init__(self, cluster, folder: Path) -> None:
        self.cluster, self.folder = cluster, folder
        self.up = [cluster.add_node(**NODE), cluster.add_node(**NODE)]
        self.given: list[list[float]] = []
        self.failed: list[Exception] = []
        self.let(0)

    def let(self, ticks: int) -> None:
        written = self.folder / "leave.new"
        written.write_text(str(ticks), encoding="ascii")
        written.replace(self.folder / "leave")

    def begin(self) -> threading.Thread:
        thread = threading.Thread(target=self._train)
        thread.start()
        return thread

    def _train(self) -> None:
        try:
            given = pr.spread(jobs.net_in_torch, str(self.folder), EPOCHS, workers=(1, 2), ray=self.cluster.address)
            self.given.append(given)
        except Exception as error:  # noqa: BLE001  (the test says what it was)
            self.failed.append(error)

    def notes(self) -> list[tuple[str, int, int, int, float]]:
        path = self.folder / "notes"
        return [tuple(json.loads(line)) for line in path.read_bytes().splitlines()] if path.exists() else []

    def wait_for(self, seen) -> None:
        until = time.monotonic() + LONG_S
        while not seen(self.notes()):
            assert not self.failed, self.failed
            assert time.monotonic() < until, self.notes()[-3:]
            time.sleep(0.02)

    def go_to(self, tick: int) -> None:
        self.let(tick)
        self.wait_for(lambda notes: any(each[0] == "tick" and each[2] >= tick for each in notes))

    def creep(self, workers: int) -> None:
        """Let it go on so slowly, until so many train, that it has time to hear between two ticks what it is told."""

        def seen(notes: list[tuple[str, int, int, int, float]]) -> bool:
            if notes[-1][0] == "tick" and notes[-1][3] == workers:
                return True
            time.sleep(0.2)
            self.let(notes[-1][2] + 1)
            return False

        self.wait_for(seen)

    def saved(self) -> int:
        """The last tick of which a checkpoint was told to be written."""
        lines = (self.folder / "checkpoints.journal").read_bytes().splitlines()
        return max(told["tick"] for told in map(json.loads, lines) if told["kind"] == "saved")

    def words(self) -> list[str]:
        lines = (self.folder / "checkpoints.journal").read_bytes().splitlines()
        return [told["words"] for told in map(json.loads, lines) if told["kind"] in ("began", "taken up")]

    def drain(self, node) -> None:
        nodes = RayNodes(self.cluster.address)
        nodes.drain(node.node_id, within_s=60)
        assert {each.node for each in nodes.nodes() if each.leaving} <= {node.node_id}


@pytest.fixture
def floor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Floor]:
    cluster_utils = pytest.importorskip("ray.cluster_utils")
    ray = pytest.importorskip("ray")
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.setattr(
        sys.modules["pressroom.workspace.spread"], "spread_of", lambda _: Spread(least=1, most=2, grow_s=1.0)
    )
    cluster = cluster_utils.Cluster(
        initialize_head=True, head_node_args={**NODE, "num_cpus": 0, "include_dashboard": False}
    )
    ray.init(address=cluster.address, log_to_driver=False)
    yield Floor(cluster, tmp_path)
    ray.shutdown()
    cluster.shutdown()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> np.ndarray:
    folder = tmp_path_factory.mktemp("undisturbed")
    (folder / "leave").write_text(str(TICKS), encoding="ascii")
    return np.array(jobs.net_in_torch(str(folder), EPOCHS))


def kill_node(node) -> None:
    """All of its processes, at once."""
    raylet = psutil.Process(node.all_processes["raylet"][0].process.pid)
    for each in [*raylet.children(recursive=True), raylet]:
        os.kill(each.pid, signal.SIGKILL)


def finish(floor: Floor, thread: threading.Thread, undisturbed: np.ndarray) -> None:
    floor.let(TICKS)
    thread.join(timeout=LONG_S)
    assert not floor.failed, floor.failed
    assert np.abs(np.array(floor.given[0]) - undisturbed).max() < 1e-6


def ticks_done_again(notes) -> list[tuple[int, float]]:
    """For each start after the first: how many ticks were done again, and the time that they had taken."""
    found = []
    for place, (kind, _, tick, *_) in enumerate(notes):
        before = {each[2]: each[4] for each in notes[:place] if each[0] == "tick"}
        if kind == "start" and tick > 0:
            reached = max(before)
            # A tick that ends with being asked to stop is saved, and not noted.
            found.append((max(reached - tick, 0), before[reached] - before.get(tick, before[reached])))
    return found


def test_a_node_is_killed_and_the_training_goes_on_with_the_one_that_is_left(floor, undisturbed, capsys):
    thread = floor.begin()
    floor.go_to(100)
    floor.let(TICKS)
    floor.wait_for(lambda notes: notes[-1][2] >= 120)
    killed, safe = time.time(), floor.saved()
    kill_node(floor.up[1])
    floor.wait_for(lambda notes: any(each[0] == "tick" and each[3] == 1 for each in notes))
    finish(floor, thread, undisturbed)
    notes = floor.notes()
    first = min(each[4] for each in notes if each[0] == "tick" and each[3] == 1)
    (lost, lost_s), *_ = ticks_done_again(notes)
    # What was told to be saved before the kill is where it goes on, or later: no more is lost than an interval.
    assert min(each[2] for each in notes if each[0] == "start" and each[3] == 1) >= safe > 0
    assert any("1 worker; before, worker" in each and "was lost" in each for each in floor.words())
    with capsys.disabled():
        sys.stdout.write(f"\nkilled: next tick after {first - killed:.2f} s, {lost} ticks ({lost_s:.3f} s) again\n")


def test_a_drained_node_is_left_with_nothing_lost(floor, undisturbed, capsys):
    thread = floor.begin()
    floor.go_to(100)
    floor.let(TICKS)
    asked = time.time()
    floor.drain(floor.up[0])
    floor.wait_for(lambda notes: any(each[0] == "tick" and each[3] == 1 for each in notes) or floor.given)
    finish(floor, thread, undisturbed)
    notes = floor.notes()
    first = min(each[4] for each in notes if each[0] == "tick" and each[3] == 1)
    assert {lost for lost, _ in ticks_done_again(notes)} == {0}
    assert any("is being emptied" in each for each in floor.words())
    with capsys.disabled():
        sys.stdout.write(f"\ndrained: next tick after {first - asked:.2f} s of the command, 0 ticks again\n")


def test_a_rolling_upgrade_ends_as_an_undisturbed_training(floor, undisturbed, capsys):
    thread = floor.begin()
    floor.go_to(40)
    for old in list(floor.up):
        floor.drain(old)
        floor.creep(1)
        floor.up.append(floor.cluster.add_node(**NODE))
        floor.creep(2)
    finish(floor, thread, undisturbed)
    assert {lost for lost, _ in ticks_done_again(floor.notes())} == {0}
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(floor.words()) + "\n")

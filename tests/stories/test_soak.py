"""Ten minutes of requests and pushes, as long as PRESSROOM_SOAK_S says: no more memory, descriptors or threads."""

import os
import time

import pytest
from tests.crowd import Crowd
from tests.servers import Server, served_folder

from pressroom.serving import Share
from pressroom.workspace import open_workspace

SECONDS = float(os.environ.get("PRESSROOM_SOAK_S", "0"))
WARM_UP = 0.2
"""The part of the time after which memory has found its size."""

MOST_GROWTH = 0.1
MOST_MORE = 4
"""Descriptors or threads: some come and go."""


def most(counts):
    """The most of each kind."""
    return [max(of_kind) for of_kind in zip(*counts, strict=True)]


@pytest.mark.skipif(SECONDS == 0, reason="takes as long as it is told to: PRESSROOM_SOAK_S=600")
@pytest.mark.timeout(int(SECONDS) + 300)
def test_neither_memory_nor_descriptors_nor_threads_grow(tmp_path):
    server = Server(tmp_path, served_folder(tmp_path))
    worker, sizes, held = server.worker(), [], []
    started = time.monotonic()
    with open_workspace(tmp_path) as workspace, Crowd(server, 8) as crowd:
        risk, turn = workspace.definitions().endpoint("risk"), 0
        while (passed := time.monotonic() - started) < SECONDS:
            time.sleep(min(5.0, SECONDS / 20))
            workspace.serving.push(risk, [Share(model=f"late.{('by_traffic', 'by_pieces')[turn % 2]}")])
            turn += 1
            if passed > WARM_UP * SECONDS:
                sizes.append(worker.memory_info().rss)
                held.append((worker.num_fds(), worker.num_threads()))
    assert crowd.failed == []
    assert server.worker().pid == worker.pid
    half = len(sizes) // 2
    before, after = sum(sizes[:half]) / half, sum(sizes[half:]) / (len(sizes) - half)
    assert after <= (1 + MOST_GROWTH) * before, f"{before / 1e6:.0f} MB, then {after / 1e6:.0f} MB"
    for kind, early, late in zip(("descriptors", "threads"), most(held[:half]), most(held[half:]), strict=True):
        assert late <= early + MOST_MORE, f"{early} {kind}, then {late}"
    assert server.stop() == 0

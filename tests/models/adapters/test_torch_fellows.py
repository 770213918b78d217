"""Meeting through gloo: whoever failed to meet once is met the next time."""

import multiprocessing
from datetime import timedelta

import numpy as np
import pytest

from pressroom.models import join_fellows
from pressroom.models.adapters import torch_fellows
from pressroom.models.errors import FellowLost


def meet(folder: str, place: int, alone_first: bool, told) -> None:  # noqa: FBT001  (called in another process)
    if alone_first:
        longest = torch_fellows._LONGEST_WAIT
        torch_fellows._LONGEST_WAIT = timedelta(seconds=0.2)
        try:
            join_fellows(f"file://{folder}/nobody-else", place, 2)
        except FellowLost:
            told.put("alone")
        torch_fellows._LONGEST_WAIT = longest
    fellows = join_fellows(f"file://{folder}/both", place, 2)
    told.put(fellows.add_up(np.array([1.0, place])).tolist())
    fellows.leave()


def test_whoever_waited_in_vain_is_met_the_next_time(tmp_path):
    pytest.importorskip("torch")
    processes = multiprocessing.get_context("spawn")
    told = processes.Queue()
    both = [processes.Process(target=meet, args=(str(tmp_path), place, place == 1, told)) for place in (0, 1)]
    for each in both:
        each.start()
    try:
        found = [told.get(timeout=60.0) for _ in range(3)]
    finally:
        for each in both:
            each.kill()
            each.join()
    assert found[0] == "alone"
    assert found[1:] == [[2.0, 1.0]] * 2

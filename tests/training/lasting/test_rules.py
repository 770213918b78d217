import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.training import BadTraining, Cadence, Guard, Keep
from pressroom.training.lasting.guard import Watch
from pressroom.training.lasting.plain import copy_plain, plain_of
from pressroom.training.lasting.retention import Note


@given(st.floats(1e-6, 1e4))
def test_saving_never_takes_more_than_its_share(cost_s):
    cadence = Cadence(overhead=0.02)
    assert cost_s / cadence.interval_s(cost_s) <= 0.02 * (1 + 1e-9)


@given(st.floats(1e-3, 1.0))
def test_the_interval_is_the_one_that_loses_least(cost_s):
    cadence = Cadence(overhead=1.0, least_s=1e-9, most_s=1e9)

    def lost(interval_s: float) -> float:
        return cost_s / interval_s + interval_s / 2 / cadence.between_interruptions_s

    best = cadence.interval_s(cost_s)
    assert all(lost(best) <= lost(best * factor) for factor in (0.5, 0.9, 1.1, 2.0))


@given(st.lists(st.tuples(st.integers(0, 200), st.floats(-5, 5)), max_size=30, unique_by=lambda each: each[0]))
def test_what_is_kept_holds_the_last_the_best_and_one_for_each_while(given_notes):
    notes = [Note(tick=tick, trained_s=tick * 60.0, metrics=(("auc", auc),)) for tick, auc in given_notes]
    kept = Keep(last=2, best=1, by="auc", every="1h").of(notes)
    assert set(kept) <= set(notes)
    ticks = sorted(note.tick for note in notes)
    assert set(ticks[-2:]) <= {note.tick for note in kept}
    if notes:
        assert max(note.metrics[0][1] for note in notes) in {note.metrics[0][1] for note in kept}
        assert {int(note.trained_s // 3600) for note in notes} == {int(note.trained_s // 3600) for note in kept}


def test_nothing_to_fall_back_on_is_refused():
    with pytest.raises(BadTraining):
        Keep(last=0)


def test_losses_that_wander_do_not_alarm_and_those_that_explode_do():
    draw = np.random.default_rng(0)
    watch = Watch(Guard())
    assert {watch.judge(2.0 / (1 + tick / 100) + 0.3 * draw.normal() ** 2) for tick in range(5000)} == {"fine"}
    said = [watch.judge(1e6) for _ in range(30)]
    assert said[0] == "fine"
    assert "diverged" in said
    assert watch.judge(math.nan) == "not finite"


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 130), 1 << 130) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(st.integers() | st.text(), inner),
    max_leaves=12,
)


@given(plain)
def test_plain_state_comes_back_as_it_was(value):
    assert plain_of(copy_plain(value, what="it")()) == value


def test_arrays_and_generators_are_filled_where_they_are():
    array, draw = np.arange(5.0), np.random.default_rng(4)
    there = {"array": array, "draw": draw}
    files = copy_plain(there, what="it")()
    wanted = draw.normal(size=3).tolist()
    array[:] = 0
    plain_of(files, there)
    assert array.tolist() == [0, 1, 2, 3, 4]
    assert draw.normal(size=3).tolist() == wanted

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pressroom.training.tables.parts import parts_at_random, parts_by_entity, parts_by_time
from pressroom.values import InvalidInput


def whole(parts):
    return [parts.learn, parts.stop, parts.calibrate, parts.test]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 400), min_size=40, max_size=300), st.randoms())
def test_no_row_learns_from_its_future_and_no_instant_is_on_two_sides(instants, random):
    random.shuffle(instants)
    times = np.array(instants, dtype=np.int64)
    try:
        parts = parts_by_time(times, column="at")
    except InvalidInput:
        assert len(set(instants)) < 40
        return
    sides = [set(times[rows].tolist()) for rows in whole(parts)]
    assert sum(rows.sum() for rows in whole(parts)) == len(times)
    for before, after in pairwise(sides):
        assert max(before) < min(after)


def test_shares_are_about_half_a_tenth_a_fifth_and_a_fifth():
    parts = parts_by_time(np.random.default_rng(1).permutation(10_000), column="at")
    assert [int(rows.sum()) for rows in whole(parts)] == [5_000, 1_000, 2_000, 2_000]
    assert parts.train().sum() == 6_000


def test_one_instant_for_all_rows_is_refused():
    with pytest.raises(InvalidInput, match="too few different instants"):
        parts_by_time(np.zeros(200, dtype=np.int64), column="at")


@settings(max_examples=30, deadline=None)
@given(st.lists(st.one_of(st.none(), st.text(max_size=3)), min_size=30, max_size=200))
def test_nobody_is_on_two_sides_and_rows_about_nobody_teach(entities):
    parts = parts_by_entity(entities, column="who")
    seen = [{entities[row] for row in np.flatnonzero(rows)} - {None} for rows in whole(parts)]
    for place, side in enumerate(seen):
        assert not side.intersection(*seen[:place]) if place else True
        assert all(side.isdisjoint(other) for other in seen[place + 1 :])
    assert all(parts.learn[row] for row, name in enumerate(entities) if name is None)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(-5, 5), min_size=30, max_size=200))
def test_at_random_equal_rows_stay_together_and_the_same_rows_are_drawn_alike(contents):
    codes = np.array(contents, dtype=np.int64)
    parts, again = parts_at_random(codes), parts_at_random(codes)
    places = np.select(whole(parts), [0, 1, 2, 3])
    assert (places == np.select(whole(again), [0, 1, 2, 3])).all()
    for value in set(contents):
        assert len(set(places[codes == value].tolist())) == 1

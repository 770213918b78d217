"""Searching timelines: the fast path by one number and the fallback without one say the same."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.facts import INSTANT, Entity, Fact, Float, Key
from pressroom.features import FeatureView, offline, question_of
from pressroom.features.kernel import order, search, timeline


class Plane(Entity):
    """One aircraft."""


class Landing(Fact):
    """A plane landed."""

    plane: Key[Plane]
    delay: Float


class View(FeatureView, entity=Plane):
    """Every way to search."""

    landings = Landing.count(window="1us")
    more = Landing.count(window="5us")
    total = Landing.delay.sum(window="3us")
    last = Landing.delay.last()
    age = Landing.age(ttl="2us")


QUESTION = question_of(Landing.schema, [View])

times = st.integers(-8, 8)
keys = st.sampled_from(["a", "b", "c", None])
facts = st.lists(st.tuples(times, times, keys, st.floats(-9, 9)), max_size=20)
rows = st.lists(st.tuples(st.integers(-20, 20), st.sampled_from(["a", "b", "c", "z", None])), max_size=20)


def answers(facts, rows):
    table = pa.table(
        {
            "event": pa.array([fact[0] for fact in facts], INSTANT),
            "known": pa.array([fact[1] for fact in facts], INSTANT),
            "plane": pa.array([fact[2] for fact in facts], pa.string()),
            "delay": pa.array([fact[3] for fact in facts], pa.float64()),
            "seq": np.arange(len(facts)),
        }
    )
    spine = pa.table(
        {
            "as_of": pa.array([instant for instant, _ in rows], INSTANT),
            "plane": pa.array([key for _, key in rows], pa.string()),
        }
    )
    return offline.answer(QUESTION, spine, lambda *_: table)


@given(facts=facts, rows=rows)
def test_without_room_for_one_number_the_answers_are_the_same(facts, rows):
    fast = answers(facts, rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "_ROOM", 0)
        patch.setattr(order, "_BITS", 0)
        slow = answers(facts, rows)
    assert fast.equals(slow)


def test_thirty_keys_over_ten_thousand_years_are_searched_without_one_number():
    first, last = -62_135_596_800_000_000, 253_402_300_799_999_999
    assert 30 * (last - first) > 2**62
    history = [(event, event, f"n{number}", float(number)) for number in range(30) for event in (first, 0, last)]
    asked = [(event + 1, f"n{number}") for number in range(30) for event in (first, 0, last)]
    got = answers(history, asked)
    assert got.column("view.landings").to_pylist() == [1] * 90
    assert got.column("view.last").to_pylist() == [float(number) for number in range(30) for _ in range(3)]


@given(
    entries=st.lists(st.tuples(st.integers(0, 3), st.integers(-9, 9)), max_size=20),
    asked=st.lists(st.tuples(st.integers(0, 4), st.one_of(st.integers(-12, 12), st.just(-(2**62)))), max_size=20),
)
def test_entries_up_to_an_instant_are_counted_after_those_of_smaller_keys(entries, asked):
    column = [np.array([entry[place] for entry in entries], dtype=np.int64) for place in (0, 1)]
    line = timeline.Timeline.of(
        keys=column[0], event=column[1], known=column[1], seq=np.arange(len(entries)), key_count=4
    )
    wanted = [np.array([row[place] for row in asked], dtype=np.int64) for place in (0, 1)]
    for less_us in (0, 3):
        want = [sum(k < key or (k == key and i <= until - less_us) for k, i in entries) for key, until in asked]
        assert line.by_event.count_until(*wanted, less_us=less_us).tolist() == want
        assert line.by_event._bisected(wanted[0], wanted[1] - less_us).tolist() == want


@given(
    rows=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 2)), max_size=12),
    bits=st.sampled_from([0, 4, 6, 7, 62]),
    data=st.data(),
)
def test_facts_are_ordered_by_key_and_event_and_what_ties_by_known_and_number(rows, bits, data):
    numbers = data.draw(st.permutations(range(len(rows))))
    keys, event, known = (np.array([row[place] for row in rows], dtype=np.int64) for place in range(3))
    seq = np.array(numbers, dtype=np.int64)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(order, "_BITS", bits)
        line = timeline.Timeline.of(keys=keys, event=event, known=known, seq=seq, key_count=3)
        entering = line.sort(np.maximum(line.known, line.event))
    want = sorted(range(len(rows)), key=lambda row: (keys[row], event[row], known[row], seq[row]))
    assert line.rows.tolist() == want
    assert line.starts.tolist() == [sum(key < code for key in keys.tolist()) for code in range(5)]
    visible = np.maximum(line.known, line.event)
    places = np.arange(len(rows)) if entering.order is None else entering.order
    assert places.tolist() == sorted(range(len(rows)), key=lambda at: (line.keys[at], visible[at], at))
    assert entering.instants.tolist() == visible[places].tolist()


@given(
    rows=st.lists(st.tuples(st.integers(0, 3), st.integers(-9, 9)), max_size=20),
    bits=st.sampled_from([0, 6, 8, 10, 62]),
)
def test_rows_that_ask_are_ordered_by_key_and_instant_as_far_as_there_is_room(rows, bits):
    keys, instants = (np.array([row[place] for row in rows], dtype=np.int64) for place in range(2))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(order, "_BITS", bits)
        near, in_order = order.near_order(keys, instants)
    assert sorted(near.tolist()) == list(range(len(rows)))
    assert keys[near].tolist() == in_order.tolist() == sorted(keys.tolist())
    if bits in (0, 62):
        assert near.tolist() == np.lexsort((instants, keys)).tolist()

"""Packed rows: the same facts make the same row, in whatever order and parts they came."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.facts import Entity, Fact, Float, Key, field
from pressroom.features import FeatureView
from pressroom.features.opened import Layout, Opened
from pressroom.features.packed import Head, add, seal
from pressroom.features.stream import NULLS, streams_of

HOUR = 3_600_000_000
T = 400_000 * HOUR


class Plane(Entity):
    """One aircraft."""


class Landing(Fact):
    """A plane landed."""

    plane: Key[Plane]
    delay: Float
    fuel: Float = field(optional=True)


class Lately(FeatureView, entity=Plane):
    """Nothing is dropped for days."""

    total = Landing.delay.sum(window="30d")
    fuel = Landing.fuel.last()


(STREAM,) = streams_of(Lately.view)
facts = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.booleans()), min_size=1, max_size=12)


def records(rows):
    """Facts as they are numbered, ordered as packed rows want them."""
    found = np.zeros(len(rows), dtype=STREAM.record)
    for place, (seq, event, known, null) in enumerate(rows):
        found[place]["event"], found[place]["known"], found[place]["seq"] = T + event, T + known, seq
        found[place]["delay"], found[place][NULLS] = float(seq), 2 if null else 0
    return np.sort(found, order=["event", "known", "seq"])


@given(rows=facts, cuts=st.lists(st.integers(0, 12), max_size=4))
def test_however_facts_come_in_parts_their_row_is_the_same(rows, cuts):
    numbered = [(seq, *row) for seq, row in enumerate(rows)]
    at_once = add(STREAM, None, records(numbered), now=T)
    bounds = sorted({0, len(rows), *(cut for cut in cuts if cut < len(rows))})
    packed = None
    for start, end in pairwise(bounds):
        packed = add(STREAM, packed, records(numbered[start:end]), now=T)
        assert add(STREAM, packed, records(numbered[:end]), now=T) == packed
    assert packed == at_once
    head = Head.of(packed)
    assert head.applied_seq == len(rows) - 1
    assert head.visible_from == T + max(max(event, known) for event, known, _ in rows)
    assert bool(head.nulls) == any(null for *_, null in rows)


@given(rows=facts, instant=st.integers(-1, 4))
def test_opened_at_an_instant_a_row_shows_what_is_visible_then(rows, instant):
    numbered = [(seq, *row) for seq, row in enumerate(rows)]
    layout = Layout.of(STREAM)
    opened = Opened(add(STREAM, None, records(numbered), now=T), layout, T + instant)
    seen = sorted((event, known, seq, null) for seq, event, known, null in numbered if max(event, known) <= instant)
    assert [opened.record(place)[:3] for place in range(opened.count)] == [
        (T + event, T + known, seq) for event, known, seq, _ in seen
    ]
    columns = opened.columns()
    for start in range(-1, 5):
        low, high = columns.window(T + start, T + 3)
        inside = [fact for fact in seen if start <= fact[0] < 3]
        assert high - low == len(inside)
        assert columns.values(layout.columns["delay"], low, high) == [float(seq) for _, _, seq, _ in inside]
        present = [fact for fact in inside if not fact[3]]
        assert columns.values(layout.columns["fuel"], low, high) == [0.0] * len(present)
        assert columns.events(layout.columns["fuel"], low, high) == [T + fact[0] for fact in present]
        assert columns.first(layout.columns["fuel"], low, high) == (None if not inside or inside[0][3] else 0.0)


@pytest.mark.parametrize("there", [True, False])
def test_a_sealed_row_answers_from_an_instant_on_and_takes_no_fact_up_to_a_number(there):
    packed = add(STREAM, None, records([(0, 1, 1, False)]), now=T) if there else None
    sealed = seal(packed, exact_from=T + 5, applied_seq=3)
    assert (Head.of(sealed).exact_from, Head.of(sealed).applied_seq) == (T + 5, 3)
    assert add(STREAM, sealed, records([(2, 2, 2, False)]), now=T) == sealed
    assert len(add(STREAM, sealed, records([(4, 2, 2, False)]), now=T)) == len(sealed) + STREAM.record.itemsize

"""Counting different values in little room: the same answer for the same set, and how far it is from the truth."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pressroom.stats import count_sketched, sketch_distinct

SIZES = st.one_of(st.integers(0, 12), st.integers(150, 260), st.integers(0, 4_000))


@settings(max_examples=150)
@given(size=SIZES, seed=st.integers(0, 2**32), parts=st.integers(1, 7), repeated=st.booleans())
def test_the_answer_depends_on_the_set_alone(size, seed, parts, repeated):
    draw = Random(seed)
    values = [draw.getrandbits(63) - 2**62 for _ in range(size)]
    wanted = count_sketched(values)
    shuffled = values * 2 if repeated else list(values)
    draw.shuffle(shuffled)
    assert count_sketched(shuffled) == wanted
    split = [shuffled[part::parts] for part in range(parts)]
    sketches = [sketch_distinct(part) for part in split]
    draw.shuffle(sketches)
    assert count_sketched([], sketches) == wanted
    assert count_sketched(split[0], sketches[1:] + sketches[:1]) == wanted
    grown = None
    for part in split:
        grown = sketch_distinct(part, grown)
    assert grown is not None
    assert count_sketched([], [grown]) == wanted


@given(values=st.sets(st.integers(-(2**63), 2**63 - 1), max_size=190))
def test_few_values_are_counted_one_by_one(values):
    assert count_sketched(values) == len(values)


@pytest.mark.parametrize("size", [300, 1_000, 10_000, 100_000])
def test_the_relative_standard_error_is_what_is_promised(size):
    errors = []
    for seed in range(20):
        start = seed << 40
        errors.append(count_sketched(range(start, start + size)) / size - 1)
    assert (sum(error**2 for error in errors) / len(errors)) ** 0.5 < 0.035
    assert max(map(abs, errors)) < 4 * 0.023


def test_a_sketch_has_a_bounded_size():
    assert len(sketch_distinct(range(200_000))) < 1_150
    assert len(sketch_distinct([7])) < 20

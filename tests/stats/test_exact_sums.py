"""Exact prefix sums against whole-number fractions and math.fsum."""

import math
import struct
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pressroom.stats import paired_prefix_sums, prefix_sums
from pressroom.values import InvalidInput

EDGES = [
    0.0, -0.0, 5e-324, -5e-324, 2.0**-1022, 1e-300, 2.0**-105, 2.0**-54, 2.0**-53, 0.1, 0.5, 1.0, -1.0, 1.0 + 2.0**-52,
    1.5, 3.0, 2.0**53, -(2.0**53), 2.0**53 + 2.0, 2.0**62, 2.0**63, 1e16, 1e300, -1e300, 1.7976931348623157e308,
    -1.7976931348623157e308, 2.0**1023,
]  # fmt: skip
FINITE = st.one_of(
    st.sampled_from(EDGES),
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(-1e3, 1e3),
    st.integers(-1000, 1000).map(float),
    st.builds(math.ldexp, st.sampled_from([1.0, -1.0, 1.25]), st.integers(-80, 80)),
)
ANY = st.one_of(FINITE, FINITE, FINITE, st.sampled_from([math.nan, math.inf, -math.inf]))


def exact(values):
    """The correctly rounded sum, by fractions; what is not finite by the rules of addition."""
    strange = [value for value in values if not math.isfinite(value)]
    if strange:
        return math.nan if len({str(value) for value in strange}) > 1 else strange[0]
    total = sum((Fraction(value) for value in values), Fraction(0))
    try:
        return float(total)
    except OverflowError:
        return math.inf if total > 0 else -math.inf


def bits(value):
    return "nan" if math.isnan(value) else struct.pack("<d", value)


def assert_all_ranges(values):
    column = np.array(values, dtype=np.float64)
    places = [(low, high) for low in range(len(values) + 1) for high in range(low, len(values) + 1)]
    low, high = (np.array(side, dtype=np.int64) for side in zip(*places, strict=True))
    for got, (start, end) in zip(prefix_sums(column).between(low, high).tolist(), places, strict=True):
        assert bits(got) == bits(exact(values[start:end])), (got, values[start:end])


@given(st.lists(ANY, max_size=12))
@example([1.0, 2.0**-53, 2.0**-105])
@example([1.0, 2.0**-53, 2.0**-106, -(2.0**-106)])
@example([-1.0, 2.0**-54, 5e-324])
@example([1.7976931348623157e308, 2.0**969, 5e-324, 2.0**969, -5e-324])
@example([1e300, 1.0, 1e-300, 5e-324, -1e300, -1.0])
@example([1.7976931348623157e308] * 3 + [-1.7976931348623157e308] * 3)
@example([math.inf, 1.0, -math.inf, math.nan, 2.0])
def test_every_range_is_the_correctly_rounded_sum(values):
    assert_all_ranges(values)


@given(st.lists(FINITE, max_size=30))
def test_a_whole_column_is_what_fsum_gives(values):
    try:
        want = math.fsum(values)
    except OverflowError:
        return
    got = prefix_sums(np.array(values, dtype=np.float64)).between(np.array([0]), np.array([len(values)]))
    assert bits(float(got[0])) == bits(want)


@settings(max_examples=40)
@given(st.lists(st.integers(-1074, 1023), min_size=100, max_size=200), st.integers(0, 2**32))
def test_magnitudes_over_the_whole_range_of_floats_stay_exact(exponents, seed):
    chance = np.random.default_rng(seed)
    values = np.ldexp(chance.uniform(-2.0, 2.0, len(exponents)), np.array(exponents) - 1)
    ends = np.sort(chance.integers(0, len(values) + 1, (2, 40)), axis=0)
    for got, low, high in zip(prefix_sums(values).between(ends[0], ends[1]).tolist(), *ends.tolist(), strict=True):
        assert bits(got) == bits(exact(values[low:high].tolist()))


@given(st.lists(st.tuples(ANY, st.integers(0, 20), st.integers(0, 8)), min_size=1, max_size=16))
@example([(1e300, 0, 1), (1.0, 1, 5), (1e-300, 2, 1), (math.nan, 3, 1), (0.1, 9, 2)])
def test_what_entered_less_what_left_is_what_is_inside(visits):
    values = np.array([value for value, _, _ in visits], dtype=np.float64)
    enter = np.array([start for _, start, _ in visits])
    leave = np.array([start + stay for _, start, stay in visits])
    by_enter, by_leave = np.argsort(enter, kind="stable"), np.argsort(leave, kind="stable")
    entered, left = paired_prefix_sums(values, by_enter, by_leave)
    times = np.arange(30)
    upto_entered = np.searchsorted(enter[by_enter], times, side="right")
    upto_left = np.searchsorted(leave[by_leave], times, side="right")
    got = entered.differences(left, upto_entered, upto_left)
    for time, total in zip(times.tolist(), got.tolist(), strict=True):
        inside = [value for value, start, stay in visits if start <= time < start + stay]
        assert bits(total) == bits(exact(inside))


def test_more_rows_than_one_block_keep_their_places():
    chance = np.random.default_rng(1)
    values = np.round(chance.normal(0.0, 100.0, 150_000), 2)
    high = np.arange(len(values) + 1)
    low = np.maximum(high - 9, 0)
    got = prefix_sums(values).between(low, high)
    for place in (0, 1, 5, 9, 65_535, 65_536, 65_537, 131_072, 149_999, 150_000):
        assert got[place] == math.fsum(values[low[place] : high[place]])


def test_whole_numbers_too_large_for_one_limb_stay_exact():
    instants = 1_380_000_000_000_000.0 + np.arange(3_000, dtype=np.float64) * 7
    got = prefix_sums(instants).between(np.array([0, 17]), np.array([3_000, 2_000]))
    assert got.tolist() == [exact(instants.tolist()), exact(instants[17:2_000].tolist())]


def test_one_missing_number_spoils_only_the_ranges_that_hold_it():
    sums = prefix_sums(np.array([1.0, math.nan, 2.0, math.inf, 3.0, -math.inf]))
    got = sums.between(np.array([0, 0, 2, 2, 4, 3, 4]), np.array([1, 2, 3, 4, 5, 6, 6]))
    np.testing.assert_array_equal(got, [1.0, math.nan, 2.0, math.inf, 3.0, math.nan, -math.inf])


def test_an_infinity_taken_away_leaves_its_opposite():
    forwards, backwards = paired_prefix_sums(np.array([1.0, math.inf]), np.array([0, 1]), np.array([1, 0]))
    got = forwards.differences(backwards, np.array([1, 2, 0]), np.array([1, 1, 0]))
    assert got.tolist() == [-math.inf, 1.0, 0.0]


def test_an_empty_column_sums_to_zero():
    assert prefix_sums(np.empty(0)).between(np.array([0]), np.array([0])).tolist() == [0.0]


def test_no_ranges_give_no_sums():
    nothing = np.empty(0, dtype=np.int64)
    assert prefix_sums(np.array([1.0])).between(nothing, nothing).tolist() == []


@pytest.mark.parametrize(("low", "high"), [([-1], [1]), ([0], [4]), ([2], [1]), ([0, 1], [2])])
def test_ranges_outside_the_column_are_refused(low, high):
    with pytest.raises(InvalidInput):
        prefix_sums(np.array([1.0, 2.0, 3.0])).between(np.array(low), np.array(high))


def test_columns_that_are_not_float64_are_refused():
    with pytest.raises(InvalidInput):
        prefix_sums(np.array([1, 2, 3]))


def test_orders_that_leave_rows_out_are_refused():
    with pytest.raises(InvalidInput):
        paired_prefix_sums(np.array([1.0, 2.0]), np.array([0]), np.array([0, 1]))


def test_sums_of_different_grids_are_not_subtracted():
    with pytest.raises(InvalidInput):
        prefix_sums(np.array([1.0])).differences(prefix_sums(np.array([0.1])), np.array([1]), np.array([1]))

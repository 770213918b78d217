"""Moments against fractions, and their laws."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.stats import Moments, Sample, interval, proportion
from pressroom.values import InvalidInput

NUMBERS = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30)


def by_fractions(values):
    exact = [Fraction(value) for value in values]
    mean = sum(exact) / len(exact)
    return float(mean), float(sum((value - mean) ** 2 for value in exact) / (len(exact) - 1))


@given(NUMBERS)
def test_mean_and_variance_are_those_of_the_definition(values):
    moments = Moments.of(np.array(values))
    mean, variance = by_fractions(values)
    assert moments.mean == pytest.approx(mean, rel=1e-9, abs=1e-9)
    assert moments.variance == pytest.approx(variance, rel=1e-9, abs=1e-9)


@given(NUMBERS, NUMBERS)
def test_added_moments_are_those_of_all_numbers(some, others):
    added = Moments.of(np.array(some)) + Moments.of(np.array(others))
    mean, variance = by_fractions(some + others)
    assert added.n == len(some) + len(others)
    assert added.mean == pytest.approx(mean, rel=1e-9, abs=1e-9)
    assert added.variance == pytest.approx(variance, rel=1e-9, abs=1e-8)


def test_a_small_variance_beside_a_large_mean_survives_adding():
    parts = [Moments.of(np.array([1e9, 1e9 + 1.0])) for _ in range(1000)]
    assert sum(parts, Moments()).variance == pytest.approx(500 / 1999)


def test_no_numbers_add_nothing():
    moments = Moments.of(np.array([1.0, 2.0]))
    assert moments + Moments() == moments == Moments() + moments
    assert Moments.of(np.empty(0)) == Moments()


def test_the_interval_of_a_mean_is_the_normal_one():
    got = Moments.of(np.array([1.0, 2.0, 3.0, 4.0])).interval()
    reach = 1.959963984540054 * math.sqrt(5 / 3 / 4)
    assert (got.low, got.high) == pytest.approx((2.5 - reach, 2.5 + reach))


def test_the_edge_of_an_interval_has_the_p_value_of_its_level():
    assert interval(1.959963984540054, 1.0).p_value == pytest.approx(0.05)
    assert interval(0.0, 0.0).p_value == 1.0
    assert interval(1.0, 0.0).p_value == 0.0


@pytest.mark.parametrize("values", [[math.nan], [1.0, math.inf]])
def test_what_is_not_finite_is_refused(values):
    with pytest.raises(InvalidInput):
        Moments.of(np.array(values))


def test_too_few_numbers_have_no_variance():
    with pytest.raises(InvalidInput, match="2 are needed"):
        _ = Moments.of(np.array([1.0])).variance
    with pytest.raises(InvalidInput):
        _ = Moments().mean


@pytest.mark.parametrize(("successes", "n"), [(3, 2), (-1, 2), (0, 0)])
def test_impossible_shares_are_refused(successes, n):
    with pytest.raises(InvalidInput):
        proportion(successes, n)


def test_an_empty_sample_is_refused():
    with pytest.raises(InvalidInput):
        Sample(n=0, mean=0.0, variance=0.0)


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0])
def test_impossible_levels_are_refused(level):
    with pytest.raises(InvalidInput):
        interval(0.0, 1.0, level)

"""Quantiles by nearest rank against a sorted list."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.stats import p50, p99, quantile, quantiles
from pressroom.values import InvalidInput


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=200), st.integers(1, 100))
def test_a_percentile_is_the_smallest_number_that_enough_numbers_do_not_exceed(values, percent):
    enough = [value for value in values if 100 * sum(other <= value for other in values) >= percent * len(values)]
    assert quantile(np.array(values), percent / 100) == min(enough)


def test_a_level_means_the_decimal_it_is_written_as():
    assert quantile(np.arange(1.0, 101.0), 0.07) == 7.0


def test_p50_and_p99_are_numbers_that_were_seen():
    values = np.array([4.0, 1.0, 3.0, 2.0])
    assert (p50(values), p99(values)) == (2.0, 4.0)
    assert p99(np.arange(1.0, 101.0)) == 99.0


def test_several_levels_come_in_the_order_asked_for():
    assert quantiles(np.array([3.0, 1.0, 2.0]), (1.0, 0.1)) == (3.0, 1.0)


@pytest.mark.parametrize(("values", "level"), [([], 0.5), ([1.0, float("nan")], 0.5), ([1.0], 0.0), ([1.0], 99.0)])
def test_what_has_no_quantile_is_refused(values, level):
    with pytest.raises(InvalidInput):
        quantile(np.array(values), level)

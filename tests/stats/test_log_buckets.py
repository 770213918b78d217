"""Buckets of growing width: nothing is further than 1 % from what stands for it, and order is kept."""

import math
import sys
from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pressroom.stats import NAN_BUCKET, buckets, standing_for

LARGEST, SMALLEST = sys.float_info.max, sys.float_info.min
NUMBERS = st.one_of(
    st.floats(allow_nan=False), st.floats(-1e3, 1e3), st.sampled_from([LARGEST, -LARGEST, SMALLEST, 5e-324, 1.0, -0.0])
)


def bucket(number):
    return int(buckets(np.array([number]))[0])


def stands(number):
    return float(standing_for(buckets(np.array([number])))[0])


@given(NUMBERS)
def test_what_stands_for_a_number_is_within_one_per_cent_of_it(number):
    found = stands(number)
    if abs(number) < SMALLEST:
        assert (found, bucket(number)) == (0.0, 0)
    elif math.isinf(number):
        assert found == number
    else:
        error = abs(Fraction(found) - Fraction(number)) / abs(Fraction(number))
        assert error <= Fraction(1_000_001, 100_000_000)


@given(NUMBERS, NUMBERS)
def test_greater_numbers_have_greater_buckets(one, other):
    low, high = sorted((one, other))
    assert bucket(low) <= bucket(high)
    assert stands(low) <= stands(high)


@given(NUMBERS)
def test_negative_numbers_mirror_positive_ones(number):
    assert bucket(-number) == -bucket(number)
    assert stands(-number) == -stands(number)


@given(NUMBERS)
def test_what_stands_for_a_bucket_is_in_it(number):
    assert bucket(stands(number)) == bucket(number)


def test_nan_is_behind_everything():
    assert bucket(math.nan) == NAN_BUCKET > bucket(math.inf) > bucket(LARGEST)
    assert math.isnan(stands(math.nan))


def test_many_at_once_are_as_one_by_one():
    numbers = np.array([3.0, -3.0, 0.0, math.inf, 2.5e-300, math.nan, 1.02])
    assert buckets(numbers).tolist() == [bucket(number) for number in numbers]

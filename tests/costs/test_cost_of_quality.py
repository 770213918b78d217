"""What a point of quality costs."""

import math

import pytest

from pressroom.costs import cost_of_a_point


def test_extra_dollars_are_divided_by_points_gained():
    assert cost_of_a_point(0.70, 0.75, 1.0, 11.0) == pytest.approx(2.0)


def test_a_better_and_cheaper_one_saves():
    assert cost_of_a_point(0.5, 0.51, 3.0, 1.0) == pytest.approx(-2.0)


@pytest.mark.parametrize("quality", [0.7, 0.6, math.nan])
def test_no_gain_has_no_price(quality):
    assert cost_of_a_point(0.7, quality, 1.0, 2.0) is None

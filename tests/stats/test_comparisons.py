"""Comparisons against reference numbers worked out elsewhere."""

import pytest

from pressroom.stats import Sample, difference, proportion, relative_difference, srm_p
from pressroom.values import InvalidInput

CONTROL, TREATMENT = proportion(1200, 10_000), proportion(1290, 10_100)


@pytest.mark.parametrize(
    ("counts", "p"), [([500, 600], 0.00256883), ([5000, 5300], 0.00311669), ([50_000, 51_000], 0.00165190)]
)
def test_sample_ratios_have_the_reference_p_values(counts, p):
    assert srm_p(counts, [0.5, 0.5]) == pytest.approx(p, rel=1e-5)
    assert srm_p(counts, [1, 1]) == pytest.approx(p, rel=1e-5)


def test_three_arms_have_two_degrees_of_freedom():
    assert srm_p([100, 200, 330], [1, 2, 3]) == pytest.approx(
        2.718281828459045 ** (-(25 / 105 + 100 / 210 + 225 / 315) / 2)
    )


def test_a_ratio_as_planned_is_no_surprise():
    assert srm_p([250, 750], [1, 3]) == 1.0


@pytest.mark.parametrize(
    ("counts", "shares"),
    [([1], [1.0]), ([1, 2], [1.0]), ([0, 0], [1, 1]), ([-1, 2], [1, 1]), ([1, 2], [0, 1]), ([1, 2], [float("nan"), 1])],
)
def test_ratios_that_can_not_be_checked_are_refused(counts, shares):
    with pytest.raises(InvalidInput):
        srm_p(counts, shares)


def test_the_absolute_difference_of_proportions_is_the_reference():
    got = difference(CONTROL, TREATMENT)
    assert (got.estimate, got.standard_error) == pytest.approx((0.007723, 0.004647), abs=5e-7)
    assert (got.low, got.high) == pytest.approx((-0.001384, 0.016830), abs=1e-6)


def test_the_relative_difference_of_proportions_is_the_reference():
    got = relative_difference(CONTROL, TREATMENT)
    assert got is not None
    assert (got.estimate, got.standard_error) == pytest.approx((0.064356, 0.039960), abs=5e-7)
    assert (got.low, got.high) == pytest.approx((-0.013963, 0.142676), abs=1e-6)


def test_nothing_is_divided_by_a_control_mean_near_zero():
    near = Sample(n=100, mean=0.4, variance=1.0)
    assert relative_difference(near, TREATMENT) is None
    assert relative_difference(Sample(n=1, mean=0.0, variance=0.0), TREATMENT) is None

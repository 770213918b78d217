import numpy as np
import pytest

from pressroom.stats import bootstrap_mean, ranking_curves
from pressroom.values import InvalidInput


def test_the_interval_is_the_one_that_theory_knows():
    values = np.random.default_rng(1).normal(3.0, 2.0, 2_000)
    found = bootstrap_mean(values)
    error = values.std(ddof=1) / np.sqrt(len(values))
    assert found.estimate == pytest.approx(values.mean())
    assert found.standard_error == pytest.approx(error, rel=0.1)
    assert (found.high - found.low) == pytest.approx(2 * 1.96 * error, rel=0.1)


def test_rows_of_one_group_are_drawn_together():
    draw = np.random.default_rng(2)
    groups = np.repeat(np.arange(50), 40)
    values = draw.normal(0, 1, 50)[groups] + draw.normal(0, 0.1, 2_000)
    assert bootstrap_mean(values, groups).standard_error > 4 * bootstrap_mean(values).standard_error


def test_the_same_values_give_the_same_interval_and_many_groups_are_put_together():
    values = np.random.default_rng(3).normal(size=30_000)
    assert bootstrap_mean(values) == bootstrap_mean(values)
    assert bootstrap_mean(values).standard_error == pytest.approx(1 / np.sqrt(30_000), rel=0.15)


def test_a_function_of_the_mean_gets_its_own_interval():
    found = bootstrap_mean(np.full(20, 4.0), of=np.sqrt)
    assert (found.estimate, found.low, found.high) == (2.0, 2.0, 2.0)


@pytest.mark.parametrize("values", [[], [1.0, np.nan], [np.inf]])
def test_what_is_no_number_is_refused(values):
    with pytest.raises(InvalidInput):
        bootstrap_mean(np.array(values))


def test_curves_are_those_of_counting_one_cut_after_the_other():
    draw = np.random.default_rng(4)
    y = (draw.random(80) < 0.4).astype(float)
    chances = np.round(draw.random(80), 1)
    false, true, precision = ranking_curves(y, chances)
    for place, cut in enumerate(sorted(set(chances.tolist()), reverse=True)):
        named = chances >= cut
        assert true[place] == pytest.approx(y[named].sum() / y.sum())
        assert false[place] == pytest.approx((1 - y[named]).sum() / (1 - y).sum())
        assert precision[place] == pytest.approx(y[named].mean())


def test_long_curves_are_thinned_and_keep_their_ends():
    draw = np.random.default_rng(5)
    y, chances = (draw.random(5_000) < 0.5).astype(float), draw.random(5_000)
    false, true, _ = ranking_curves(y, chances)
    assert len(false) <= 200
    assert (false[-1], true[-1]) == (1.0, 1.0)

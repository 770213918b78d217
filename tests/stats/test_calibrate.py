import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from pressroom.stats import Calibration, auc, log_loss, platt, steps, temperature
from pressroom.values import InvalidInput


def drawn(seed, rows, *, slope=1.0, offset=0.0):
    """Chances that are wrong by a known amount, and what happened."""
    draw = np.random.default_rng(seed)
    margins = draw.normal(0, 1.5, rows)
    return (draw.random(rows) < expit(slope * margins + offset)).astype(float), expit(margins)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.3, 2.5), st.floats(-1.0, 1.0))
def test_a_correction_keeps_the_ranking_and_does_not_hurt_other_rows(seed, slope, offset):
    y, chances = drawn(seed, 1_500, slope=slope, offset=offset)
    other_y, other = drawn(seed + 1, 1_500, slope=slope, offset=offset)
    for made in (platt(y, chances), steps(y, chances)):
        corrected = made.apply(other)
        # Pooled blocks end in flat ends at most; nobody overtakes anybody.
        order = np.argsort(other, kind="stable")
        assert (np.diff(corrected[order]) >= 0).all()
        assert auc(other_y, corrected) == pytest.approx(auc(other_y, other), abs=0.002)
        assert log_loss(other_y, corrected) <= log_loss(other_y, other) + 0.02


def test_platt_finds_the_slope_and_the_offset_that_were_put_in():
    y, chances = drawn(3, 40_000, slope=0.6, offset=0.4)
    made = platt(y, chances)
    assert made.slope == pytest.approx(0.6, abs=0.05)
    assert made.offset == pytest.approx(0.4, abs=0.05)
    assert log_loss(y, made.apply(chances)) < log_loss(y, chances) - 0.01


def test_steps_rise_strictly_from_0_to_1_also_where_all_chances_are_equal():
    for chances in (np.full(40, 0.5), np.linspace(0, 1, 40), np.repeat([0.2, 0.8], 20)):
        made = steps(np.tile([0.0, 1.0], 20), chances)
        assert (made.x[0], made.x[-1], made.y[0], made.y[-1]) == (0.0, 1.0, 0.0, 1.0)
        assert (np.diff(made.x) > 0).all()
        assert (np.diff(made.y) >= 0).all()


def test_a_temperature_keeps_who_is_first_and_adds_up_to_1():
    draw = np.random.default_rng(5)
    margins = draw.normal(0, 2, (4_000, 4))
    true = np.array([draw.choice(4, p=row) for row in _softmax(0.5 * margins)])
    chances = _softmax(margins)
    made = temperature(true, chances)
    corrected = made.apply(chances)
    assert made.slope == pytest.approx(0.5, abs=0.05)
    assert (corrected.argmax(axis=1) == chances.argmax(axis=1)).all()
    assert np.allclose(corrected.sum(axis=1), 1.0)


def test_no_correction_is_none_and_says_so():
    chances = np.array([0.2, 0.7])
    assert Calibration().apply(chances) is chances
    assert "left as they are" in Calibration().words()


@pytest.mark.parametrize("make", [platt, steps])
def test_rows_of_one_kind_correct_nothing(make):
    with pytest.raises(InvalidInput, match="both kinds"):
        make(np.ones(30), np.full(30, 0.5))


def _softmax(margins):
    shares = np.exp(margins - margins.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)

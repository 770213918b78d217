"""Scores against loops over rows and pairs."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.stats import auc, auc_interval, brier, calibration, expected_calibration_error, log_loss
from pressroom.values import InvalidInput

CHANCES = st.one_of(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0]), st.floats(0.0, 1.0))
ROWS = st.lists(st.tuples(st.integers(0, 1), CHANCES), min_size=1, max_size=40)


def columns(rows):
    return np.array([label for label, _ in rows]), np.array([chance for _, chance in rows])


def wins(positives, negatives):
    return [[1.0 if p > n else 0.5 if p == n else 0.0 for n in negatives] for p in positives]


def classes(rows):
    return [chance for label, chance in rows if label], [chance for label, chance in rows if not label]


@given(ROWS)
def test_auc_counts_pairs(rows):
    positives, negatives = classes(rows)
    got = auc(*columns(rows))
    if not positives or not negatives:
        assert got is None
    else:
        assert got == sum(map(sum, wins(positives, negatives))) / (len(positives) * len(negatives))


@given(ROWS)
def test_auc_intervals_have_the_variance_of_the_definition(rows):
    positives, negatives = classes(rows)
    got = auc_interval(*columns(rows))
    if len(positives) < 2 or len(negatives) < 2:
        assert got is None
        return
    table = np.array(wins(positives, negatives))
    of_rows, of_columns = table.mean(axis=1), table.mean(axis=0)
    variance = of_rows.var(ddof=1) / len(positives) + of_columns.var(ddof=1) / len(negatives)
    reach = 1.959963984540054 * math.sqrt(variance)
    assert got is not None
    assert got.standard_error == pytest.approx(math.sqrt(variance), abs=1e-12)
    assert got.low == pytest.approx(max(0.0, table.mean() - reach), abs=1e-12)
    assert got.high == pytest.approx(min(1.0, table.mean() + reach), abs=1e-12)


@given(ROWS)
def test_losses_are_means_over_rows(rows):
    squares = [(chance - label) ** 2 for label, chance in rows]
    given_chance = [min(max(chance if label else 1.0 - chance, 1e-15), 1.0 - 1e-15) for label, chance in rows]
    assert brier(*columns(rows)) == pytest.approx(sum(squares) / len(rows))
    assert log_loss(*columns(rows)) == pytest.approx(-sum(map(math.log, given_chance)) / len(rows))


def test_one_wrong_certainty_leaves_a_finite_loss():
    assert log_loss(np.array([1, 1]), np.array([0.0, 1.0])) == pytest.approx(-math.log(1e-15) / 2, rel=1e-9)


@given(ROWS, st.integers(1, 12))
def test_every_row_lies_in_one_calibration_bin(rows, bins):
    parts = calibration(*columns(rows), bins)
    assert sum(part.n for part in parts) == len(rows)
    error = 0.0
    for part in parts:
        held = [
            (label, chance) for label, chance in rows
            if part.low <= chance < part.high or (chance == 1.0 == part.high)
        ]  # fmt: skip
        assert len(held) == part.n
        predicted = sum(chance for _, chance in held) / len(held)
        observed = sum(label for label, _ in held) / len(held)
        assert (part.mean_predicted, part.observed) == pytest.approx((predicted, observed))
        error += len(held) / len(rows) * abs(predicted - observed)
    assert expected_calibration_error(*columns(rows), bins) == pytest.approx(error, abs=1e-12)


def test_booleans_and_floats_are_labels_too():
    chances = np.array([0.2, 0.9])
    assert brier(np.array([False, True]), chances) == brier(np.array([0.0, 1.0]), chances) == pytest.approx(0.025)


def test_auc_ranks_any_numbers():
    assert auc(np.array([0, 1, 1]), np.array([-3.0, 2.0, 40.0])) == 1.0


@pytest.mark.parametrize("score", [log_loss, brier, auc, auc_interval, calibration, expected_calibration_error])
@pytest.mark.parametrize(
    ("labels", "predictions"),
    [([0, 1], [0.5, math.nan]), ([0.0, math.nan], [0.5, 0.5]), ([0, 2], [0.5, 0.5]), ([0], [0.5, 0.5]), ([], [])],
)
def test_rows_that_can_not_be_scored_are_refused(score, labels, predictions):
    with pytest.raises(InvalidInput):
        score(np.array(labels), np.array(predictions))


@pytest.mark.parametrize("score", [log_loss, brier, calibration])
def test_what_is_no_chance_is_refused(score):
    with pytest.raises(InvalidInput):
        score(np.array([0, 1]), np.array([0.5, 1.5]))


def test_no_bins_are_refused():
    with pytest.raises(InvalidInput):
        calibration(np.array([0]), np.array([0.5]), 0)

import numpy as np
import pytest

from pressroom.training.evaluate import evaluate
from pressroom.values import InvalidInput


def test_an_evaluation_of_four_rows_is_what_one_works_out_by_hand():
    found = evaluate(np.array([0.0, 1.0, 1.0, 0.0]), np.array([0.1, 0.9, 0.4, 0.6]))
    assert (found.n, found.positives) == (4, 2)
    assert found.auc == 0.75
    assert found.brier == pytest.approx((0.01 + 0.01 + 0.36 + 0.36) / 4)
    assert found.log_loss == pytest.approx(-(2 * np.log(0.9) + 2 * np.log(0.4)) / 4)
    assert found.calibration_error == pytest.approx((0.1 + 0.1 + 0.6 + 0.6) / 4)
    assert sum(part.n for part in found.bins) == 4


def test_one_class_has_no_auc():
    assert evaluate(np.zeros(3), np.full(3, 0.2)).auc is None


@pytest.mark.parametrize(
    ("y", "p"), [([], []), ([1.0], [float("nan")]), ([0.5], [0.5]), ([1.0], [1.5]), ([1.0, 0.0], [0.5])]
)
def test_what_is_no_label_or_no_chance_is_refused(y, p):
    with pytest.raises(InvalidInput):
        evaluate(np.array(y, dtype=float), np.array(p, dtype=float))

from dataclasses import replace

import numpy as np
import pytest

from pressroom.costs import PriceBook, Usage
from pressroom.training.evaluate import evaluate
from pressroom.training.report import Contender, reports
from pressroom.values import InvalidInput, Version

PRICES = PriceBook(
    version="1", valid_from=0, currency="usd", doc="a dollar a CPU second", usd_per_cpu_s=1.0, usd_per_gib_s=0.0,
    usd_per_gib_written=0.0, usd_per_gib_read=0.0,
)  # fmt: skip
Y = np.array([0.0, 1.0, 1.0, 0.0])
BASELINE = Contender(
    name="baseline", version=Version(1, 0, 0), digest="a" * 64,
    evaluation=evaluate(Y, np.full(4, 0.5)), usage=Usage(cpu_s=1.0, wall_s=2.0), us_per_row=3.0,
)  # fmt: skip
BETTER = replace(
    BASELINE, name="logistic", evaluation=evaluate(Y, np.array([0.1, 0.9, 0.4, 0.6])),
    usage=Usage(cpu_s=6.0, wall_s=4.0), us_per_row=20.0,
)  # fmt: skip


def test_each_line_states_quality_and_its_price_beside_the_baseline():
    first, second = reports([BASELINE, BETTER], PRICES)
    assert (first.lift_auc_points, first.usd_per_point) == (0.0, None)
    assert (first.train_s, first.cost_usd, first.serve_usd_per_million) == (2.0, 1.0, pytest.approx(3.0))
    assert second.lift_auc_points == pytest.approx(25.0)
    assert second.usd_per_point == pytest.approx(5.0 / 25.0)
    assert second.serve_usd_per_million == pytest.approx(20.0)


def test_a_model_that_gains_nothing_has_no_price_of_a_point():
    worse = replace(BETTER, evaluation=evaluate(Y, np.array([0.9, 0.1, 0.6, 0.4])))
    line = reports([BASELINE, worse], PRICES)[1]
    assert line.lift_auc_points == pytest.approx(-25.0)
    assert line.usd_per_point is None


def test_without_an_auc_there_is_no_lift():
    nobody = replace(BASELINE, evaluation=evaluate(np.zeros(4), np.full(4, 0.5)))
    assert [line.lift_auc_points for line in reports([nobody, nobody], PRICES)] == [None, None]


def test_models_of_other_rows_are_not_compared():
    other = replace(BETTER, evaluation=evaluate(Y[:3], np.full(3, 0.5)))
    with pytest.raises(InvalidInput, match="logistic was not evaluated on the same rows"):
        reports([BASELINE, other], PRICES)


def test_nothing_to_compare_is_refused():
    with pytest.raises(InvalidInput, match="nothing"):
        reports([], PRICES)

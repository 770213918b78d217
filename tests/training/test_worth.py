"""Whether a model is worth more than it costs."""

import pytest

from pressroom.training import ModelReport, worth
from pressroom.training.evaluate import Evaluation
from pressroom.values import Version


def report(name: str, lift: float | None, train_usd: float, serve_usd: float) -> ModelReport:
    seen = Evaluation(n=1, positives=1, auc=0.5, log_loss=0.1, brier=0.1, calibration_error=0.0, bins=())
    return ModelReport(
        name=name,
        version=Version(1, 0, 0),
        digest="d",
        evaluation=seen,
        train_s=1.0,
        cost_usd=train_usd,
        serve_usd_per_million=serve_usd,
        lift_auc_points=lift,
        usd_per_point=None,
    )


@pytest.mark.parametrize(
    ("lift", "rate", "holds"),
    [
        (2.0, 0.0, True),
        (0.0, 0.0, False),
        (None, 5.0, False),
        (2.0, 5.0, True),
        (2.0, 4.0, False),
        (-1.0, 100.0, False),
    ],
)
def test_a_lift_is_weighed_against_what_it_costs_more(lift: float | None, rate: float, holds: bool) -> None:  # noqa: FBT001
    base, model = report("base", 0.0, 1.0, 1.0), report("model", lift, 3.0, 4.0)
    weighed = worth(model, base, usd_per_point=rate, answers=2_000_000)
    assert weighed.extra_usd == 2.0 + 6.0
    assert weighed.holds() is holds
    assert weighed.words()

from pressroom.doors.cli.report import best_of, report_rows
from pressroom.training import Evaluation, ModelReport
from pressroom.values import Version


def _report(name: str, auc: float | None) -> ModelReport:
    seen = Evaluation(n=10, positives=4, auc=auc, log_loss=0.5, brier=0.2, calibration_error=0.1, bins=())
    return ModelReport(
        name=f"late.{name}",
        version=Version(1, 2, 3),
        digest="d" * 64,
        evaluation=seen,
        train_s=1.0,
        cost_usd=0.001,
        serve_usd_per_million=0.5,
        lift_auc_points=None,
        usd_per_point=None,
    )


def test_the_best_has_the_highest_auc_and_of_equals_the_earlier_wins() -> None:
    models = [_report("baseline", 0.7), _report("first", 0.8), _report("second", 0.8), _report("unknown", None)]
    assert best_of(models).candidate() == "first"
    assert best_of([_report("baseline", None), _report("other", None)]).candidate() == "baseline"


def test_unknown_figures_are_none() -> None:
    rows = {name: cells for name, *cells in report_rows([_report("baseline", None), _report("other", 0.7)])}
    assert rows["AUC"] == [None, "0.7000"]
    assert _report("baseline", 0.7).document()["version"] == "1.2.3"

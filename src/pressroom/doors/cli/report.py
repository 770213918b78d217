"""A training's report as rows, and which model leads it."""

from collections.abc import Sequence

from pressroom.training import ModelReport


def best_of(models: Sequence[ModelReport]) -> ModelReport:
    """The model with the highest AUC on the validation rows; the earlier of two equals, so the baseline first."""
    return max(models, key=lambda model: -1.0 if model.evaluation.auc is None else model.evaluation.auc)


def report_rows(models: Sequence[ModelReport]) -> list[tuple[str | None, ...]]:
    """A row for each figure with a cell for each model, which stand side by side so: a terminal has room for that."""
    columns = [_figures(model) for model in models]
    return [(name, *(column[name] for column in columns)) for name in columns[0]]


def _figures(model: ModelReport) -> dict[str, str | None]:
    seen = model.evaluation
    return {
        "version": str(model.version),
        "AUC": _figure(seen.auc, ".4f"),
        "log loss": f"{seen.log_loss:.4f}",
        "calibration error": f"{seen.calibration_error:.4f}",
        "training, s": f"{model.train_s:.2f}",
        "training, USD": f"{model.cost_usd:.2g}",
        "a million answers, USD": f"{model.serve_usd_per_million:.2g}",
        "lift over baseline, AUC points": _figure(model.lift_auc_points, "+.2f"),
        "a point of that, USD": _figure(model.usd_per_point, ".2g"),
    }


def _figure(value: float | None, form: str) -> str | None:
    return None if value is None else format(value, form)

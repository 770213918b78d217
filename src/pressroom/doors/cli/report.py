"""A training's report as rows and documents, and which model leads it."""

from collections.abc import Sequence

from pressroom.training import ModelReport


def best_of(models: Sequence[ModelReport]) -> ModelReport:
    """The model with the highest AUC on the validation rows; the earlier of two equals, so the baseline first."""
    return max(models, key=lambda model: -1.0 if model.evaluation.auc is None else model.evaluation.auc)


def candidate_of(model: ModelReport) -> str:
    """A model's name without its training set's."""
    return model.name.rsplit(".", 1)[-1]


def report_row(model: ModelReport) -> tuple[str | None, ...]:
    """One model as cells."""
    seen = model.evaluation
    return (
        candidate_of(model),
        str(model.version),
        _figure(seen.auc, ".4f"),
        f"{seen.log_loss:.4f}",
        f"{seen.calibration_error:.4f}",
        f"{model.train_s:.2f}",
        f"{model.cost_usd:.2g}",
        f"{model.serve_usd_per_million:.2g}",
        _figure(model.lift_auc_points, "+.2f"),
        _figure(model.usd_per_point, ".2g"),
    )


def report_document(model: ModelReport) -> dict[str, object]:
    """One model as a document."""
    seen = model.evaluation
    return {
        "name": model.name,
        "candidate": candidate_of(model),
        "version": str(model.version),
        "digest": model.digest,
        "rows": seen.n,
        "positives": seen.positives,
        "auc": seen.auc,
        "log_loss": seen.log_loss,
        "brier": seen.brier,
        "calibration_error": seen.calibration_error,
        "train_s": model.train_s,
        "cost_usd": model.cost_usd,
        "serve_usd_per_million": model.serve_usd_per_million,
        "lift_auc_points": model.lift_auc_points,
        "usd_per_point": model.usd_per_point,
    }


def _figure(value: float | None, form: str) -> str | None:
    return None if value is None else format(value, form)

"""Reports: models side by side, the baseline first, and what a point of quality costs."""

from collections.abc import Sequence
from dataclasses import dataclass

from pressroom.costs import PriceBook, Usage, cost_of_a_point
from pressroom.training.evaluate import Evaluation
from pressroom.values import Digest, InvalidInput, Version

_POINTS = 100.0
"""A point of quality is a hundredth of AUC."""
_MILLION = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """A packed and evaluated model: what its fit used, and the microseconds of one core that one answer takes."""

    name: str
    version: Version
    digest: Digest
    evaluation: Evaluation
    usage: Usage
    us_per_row: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelReport:
    """One line of the comparison.

    `cost_usd` is the fit's price, `serve_usd_per_million` that of the time of a million answers, one at a time.
    `lift_auc_points` is hundredths of AUC above the baseline (None where an AUC is unknown); `usd_per_point` is the
    extra price of the fit for each of them (None for the baseline, and where nothing was gained; below 0
    where the better model was the cheaper one too).
    """

    name: str
    version: Version
    digest: Digest
    evaluation: Evaluation
    train_s: float
    cost_usd: float
    serve_usd_per_million: float
    lift_auc_points: float | None
    usd_per_point: float | None

    def document(self) -> dict[str, object]:
        """The line as a mapping, its figures under their own names."""
        return {
            "name": self.name,
            "candidate": self.candidate(),
            "version": str(self.version),
            "digest": self.digest,
            "rows": self.evaluation.n,
            "positives": self.evaluation.positives,
            "auc": self.evaluation.auc,
            "log_loss": self.evaluation.log_loss,
            "brier": self.evaluation.brier,
            "calibration_error": self.evaluation.calibration_error,
            "train_s": self.train_s,
            "cost_usd": self.cost_usd,
            "serve_usd_per_million": self.serve_usd_per_million,
            "lift_auc_points": self.lift_auc_points,
            "usd_per_point": self.usd_per_point,
        }

    def candidate(self) -> str:
        """The model's name without its training set's."""
        return self.name.rsplit(".", 1)[-1]


def reports(contenders: Sequence[Contender], prices: PriceBook) -> tuple[ModelReport, ...]:
    """Compare models that were evaluated on the same rows; the first one is the baseline and stays first.

    Refuses no contender at all, and contenders evaluated on different numbers of rows or positives.
    """
    if not contenders:
        raise InvalidInput("There is nothing to report on.", next_step="Train a baseline first.")
    first = contenders[0].evaluation
    for other in contenders:
        if (other.evaluation.n, other.evaluation.positives) != (first.n, first.positives):
            raise InvalidInput(
                f"{other.name} was not evaluated on the same rows as {contenders[0].name}.",
                next_step="Evaluate every model on the same validation rows.",
            )
    return tuple(_report(contender, contenders[0], prices) for contender in contenders)


def _report(contender: Contender, baseline: Contender, prices: PriceBook) -> ModelReport:
    cost_usd = prices.price(contender.usage).usd
    lift, per_point = None, None
    quality, floor = contender.evaluation.auc, baseline.evaluation.auc
    if quality is not None and floor is not None:
        lift = (quality - floor) * _POINTS
        if contender is not baseline:
            per_point = cost_of_a_point(floor, quality, prices.price(baseline.usage).usd, cost_usd)
    return ModelReport(
        name=contender.name,
        version=contender.version,
        digest=contender.digest,
        evaluation=contender.evaluation,
        train_s=contender.usage.wall_s,
        cost_usd=cost_usd,
        serve_usd_per_million=prices.price(_million_answers(contender.us_per_row)).usd,
        lift_auc_points=lift,
        usd_per_point=per_point,
    )


def _million_answers(us_per_row: float) -> Usage:
    seconds = us_per_row * 1e-6 * _MILLION
    return Usage(cpu_s=seconds, wall_s=seconds)

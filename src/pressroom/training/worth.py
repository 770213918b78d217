"""Is it worth it? What a model's lift over its baseline is worth, against what it costs more."""

from dataclasses import dataclass

from pressroom.training.report import ModelReport

_MILLION = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """A model beside its baseline. `gain_usd` is the lift at the exchange rate, `extra_usd` what the model costs more
    to train and for `answers` answers; both may be below 0.
    """

    model: str
    baseline: str
    lift_points: float
    usd_per_point: float
    answers: int
    gain_usd: float
    extra_usd: float

    def holds(self) -> bool:
        """Whether the model beats its baseline: it is better, and where a rate is declared, by more than it costs."""
        return self.lift_points > 0.0 and (not self.usd_per_point or self.gain_usd > self.extra_usd)

    def words(self) -> str:
        """The comparison as a sentence."""
        said = (
            f"{self.model} lies {self.lift_points:+.2f} points over {self.baseline} and costs {self.extra_usd:+.3g} USD"
        )
        answers = f" to train and for {self.answers:,} answers"
        if not self.usd_per_point:
            return f"{said}{answers}; what a point is worth was not declared."
        return f"{said}{answers}; at {self.usd_per_point:g} USD a point the lift is worth {self.gain_usd:.3g} USD."


def worth(model: ModelReport, baseline: ModelReport, *, usd_per_point: float, answers: int) -> Worth:
    """Weigh a model against its baseline, at so many dollars a point. A lift that is unknown is none."""
    lift = model.lift_auc_points or 0.0
    serving = (model.serve_usd_per_million - baseline.serve_usd_per_million) * answers / _MILLION
    return Worth(
        model=model.name,
        baseline=baseline.name,
        lift_points=lift,
        usd_per_point=usd_per_point,
        answers=answers,
        gain_usd=lift * usd_per_point,
        extra_usd=model.cost_usd - baseline.cost_usd + serving,
    )

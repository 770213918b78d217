"""Promoting a model: the alias `production` means it, once it has beaten its baseline by more than it costs."""

from dataclasses import dataclass

from pressroom.catalog import Entry
from pressroom.facts import did_you_mean
from pressroom.models import Models
from pressroom.training import ModelReport, Training, Worth, worth
from pressroom.workspace.errors import NotPromoted
from pressroom.workspace.settings import Costs

PRODUCTION = "production"


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotedModel:
    """A model that the alias means now, and why it was worth it."""

    entry: Entry
    worth: Worth


def promote_model(name: str, *, training: Training, models: Models, costs: Costs) -> PromotedModel:
    """Let `production` mean the newest version of a model (`TRAINING_SET.CANDIDATE`).

    Refuses with NotPromoted a model that was not trained beside a baseline, is the baseline or no better, or whose lift
    at the declared exchange rate (`[costs] usd_per_point`) is worth less than it costs more.
    """
    found = _report(name, training)
    baseline = training.report(name.rpartition(".")[0])[0]
    weighed = worth(
        found, baseline, usd_per_point=costs.worth_of_a_point(), answers=costs.answers
    )  # fmt: skip
    if found.name == baseline.name:
        raise NotPromoted(f"{name} is the baseline.", next_step="Promote a model that beats it.")
    if not weighed.holds():
        raise NotPromoted(
            f"{name} does not beat its baseline. {weighed.words()}",
            next_step="Keep the baseline, train a better or cheaper model, or declare what a point is worth.",
        )
    entry = models.name(PRODUCTION, f"{name}@{found.version}")
    return PromotedModel(entry=entry, worth=weighed)


def _report(name: str, training: Training) -> ModelReport:
    reports = {report.name: report for report in training.report(name.rpartition(".")[0])}
    if name not in reports:
        raise NotPromoted(
            f"{name} was not measured beside a baseline in the newest training.",
            next_step=did_you_mean(name, reports) if reports else "Run `pressroom train TRAINING_SET`.",
        )
    return reports[name]

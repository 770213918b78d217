"""Readouts: predictions and what happened afterwards, by variant, with how sure that is. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pressroom.experiments.errors import NoOutcomes
from pressroom.stats import Interval, Moments, auc_interval, difference, srm_p

SRM_ALARM = 0.0005
"""Below this, the shares seen are not those that were meant, and no comparison is to be believed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantReadout:
    """One variant: `n` units with a known outcome of `units` exposed. Low Brier, high AUC are better."""

    name: str
    units: int
    n: int
    brier: float
    brier_interval: tuple[float, float]
    auc: float | None
    auc_interval: tuple[float, float] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Readout:
    """An experiment so far. `brier_difference` is treatment minus control, fixed-horizon 95 %: look once."""

    experiment: str
    units: int
    srm_p: float
    trusted: bool
    variants: tuple[VariantReadout, ...]
    brier_difference: float
    brier_difference_interval: tuple[float, float]
    adjusted: tuple[str, ...]
    sentence: str


def first_exposures(predictions: pa.Table) -> pa.Table:
    """The first prediction of every unit that an experiment assigned."""
    assigned = predictions.filter(pc.and_(pc.is_valid(predictions["variant"]), pc.is_valid(predictions["unit"])))
    ordered = assigned.sort_by([("event", "ascending"), ("seq", "ascending")])
    _, first = np.unique(
        ordered.column("unit").combine_chunks().dictionary_encode().indices.to_numpy(), return_index=True
    )
    return ordered.take(pa.array(np.sort(first)))


def read_out(experiment: str, exposed: pa.Table, outcome: pa.Array, shares: Sequence[tuple[str, float]]) -> Readout:
    """Compare the variants named in `shares` (the treatment first). `outcome` is 1.0, 0.0 or null for each exposure.

    Raises NoOutcomes while a variant has fewer than two.
    """
    names = np.asarray(exposed.column("variant").to_pylist(), dtype=object)
    known = pc.is_valid(outcome).to_numpy(zero_copy_only=False)
    labels = outcome.fill_null(0.0).to_numpy(zero_copy_only=False)
    scores = exposed.column("prediction").to_numpy()
    counts = [int((names == name).sum()) for name, _ in shares]
    p = srm_p(counts, [share for _, share in shares]) if min(share for _, share in shares) > 0 else 1.0
    losses = [_losses(labels, scores, known & (names == name)) for name, _ in shares]
    for (name, _), loss in zip(shares, losses, strict=True):
        if loss.n < 2:
            raise NoOutcomes(
                f"{loss.n} units of {name} have a known outcome; a comparison needs two at least.",
                next_step="Append the outcomes, or read it out later.",
            )
    variants = [
        _variant(name, count, labels[inside], scores[inside], loss)
        for (name, _), count, loss in zip(shares, counts, losses, strict=True)
        for inside in [known & (names == name)]
    ]
    gap = difference(losses[1].sample(), losses[0].sample())
    trusted = p >= SRM_ALARM
    return Readout(
        experiment=experiment,
        units=len(names),
        srm_p=p,
        trusted=trusted,
        variants=tuple(variants),
        brier_difference=gap.estimate,
        brier_difference_interval=(gap.low, gap.high),
        adjusted=("first exposure of each unit at these shares", "no covariates", "fixed horizon, 95 %"),
        sentence=_sentence(variants, gap, trusted=trusted),
    )


def _losses(labels: npt.NDArray[np.float64], scores: npt.NDArray[np.float64], inside: npt.NDArray[np.bool_]) -> Moments:
    return Moments.of((scores[inside] - labels[inside]) ** 2)


def _variant(
    name: str, units: int, labels: npt.NDArray[np.float64], scores: npt.NDArray[np.float64], losses: Moments
) -> VariantReadout:
    ranked = auc_interval(labels, scores) if len(labels) else None
    spread = losses.interval()
    return VariantReadout(
        name=name,
        units=units,
        n=len(labels),
        brier=losses.mean,
        brier_interval=(spread.low, spread.high),
        auc=None if ranked is None else ranked.estimate,
        auc_interval=None if ranked is None else (ranked.low, ranked.high),
    )


def _sentence(variants: Sequence[VariantReadout], gap: Interval, *, trusted: bool) -> str:
    treatment, control = variants[0].name, variants[1].name
    if not trusted:
        return "The shares seen are not those that were meant: find out why before believing any figure here."
    if gap.high < 0:
        return f"{treatment} is better calibrated to what happens than {control}: its Brier score is lower."
    if gap.low > 0:
        return f"{treatment} is worse than {control}: its Brier score is higher."
    return f"No difference between {treatment} and {control} can be seen yet."

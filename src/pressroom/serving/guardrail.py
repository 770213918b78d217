"""Guardrails: a canary is taken back when its predictions miss what happened by more than it promised."""

from collections.abc import Mapping

import numpy as np
import pyarrow.compute as pc

from pressroom.facts import Facts
from pressroom.features import Features
from pressroom.serving.canary import CANARY, STABLE
from pressroom.serving.endpoint import Endpoint
from pressroom.serving.outcomes import outcomes_of
from pressroom.serving.promise import CanaryPromise
from pressroom.stats import Moments, difference
from pressroom.values import Instant, parts_of

_LEVEL = 0.9999
"""Of the interval that a difference is judged by: it is looked at again and again, and chance has many tries."""


def losses_of_trial(
    endpoint: Endpoint, *, facts: Facts, features: Features, known_at: Instant
) -> Mapping[str, Moments]:
    """The squared errors of this version's predictions against the outcomes that have come in, by variant.

    What a fallback answered does not count: that is a failure, and no error of the model's.
    """
    columns = ["event", "prediction", "variant", "fallback", "endpoint_version", *parts_of(endpoint.label_key)]
    predictions, _ = facts.read(endpoint.predictions(), columns)
    meant = pc.and_(pc.equal(predictions["endpoint_version"], endpoint.version), pc.is_null(predictions["fallback"]))
    predictions = predictions.filter(meant)
    if not predictions.num_rows:
        return {}
    outcome = outcomes_of(endpoint, predictions, features, known_at=known_at)
    known = np.asarray(outcome.is_valid())
    errors = predictions.column("prediction").to_numpy() - np.asarray(outcome.fill_null(0.0), dtype=np.float64)
    variants = np.asarray(predictions.column("variant").to_pylist(), dtype=object)
    return {name: Moments.of(errors[known & (variants == name)] ** 2) for name in (CANARY, STABLE)}


def broken_guardrail(losses: Mapping[str, Moments], promise: CanaryPromise) -> str | None:
    """By how much the canary's errors are larger than the others', where it promised otherwise and chance can't be why.

    None while it keeps its word, or too few outcomes are known.
    """
    canary, others = losses.get(CANARY, Moments()), losses.get(STABLE, Moments())
    if promise.most_worse is None or min(canary.n, others.n) < max(promise.least, 2):
        return None
    gap = difference(others.sample(), canary.sample(), _LEVEL)
    if gap.low <= promise.most_worse:
        return None
    return (
        f"its mean squared error against {canary.n} outcomes is {canary.mean:.4g}, the others' {others.mean:.4g}; "
        f"{promise.most_worse:g} more may be"
    )

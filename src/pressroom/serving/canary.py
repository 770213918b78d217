"""Canaries: a model on trial answers a small share; what it does wrong takes it back."""

from collections.abc import Mapping

from pressroom.serving.promise import CanaryPromise
from pressroom.serving.tally import BOUNDS_US, Tally

CANARY, STABLE = "canary", "stable"
"""The variants of an endpoint version that tries a model."""


def broken_promise(tallies: Mapping[str, Tally], promise: CanaryPromise) -> str | None:
    """What the canary did that it promised not to, in one sentence; None while it keeps its word or is too young."""
    canary, others = tallies.get(CANARY), tallies.get(STABLE)
    if canary is None or canary.rows < promise.least:
        return None
    errors = canary.failed / canary.rows
    if errors > promise.most_errors:
        return f"{errors:.1%} of its {canary.rows} answers failed, {promise.most_errors:.1%} may"
    if others is None or others.answered() < promise.least or canary.answered() < promise.least:
        return None
    slow, usual = canary.quantile_us(0.99), others.quantile_us(0.99)
    # Durations are known by class: one class up is no proof.
    if slow > promise.most_slower * usual and slow > BOUNDS_US[2]:
        return f"its 99th percentile is {slow:,.0f} us, the others' {usual:,.0f} us"
    shift = canary.mean() - others.mean()
    if promise.most_shift is not None and abs(shift) > promise.most_shift:
        return f"its mean prediction is {shift:+.4g} from the others', {promise.most_shift:g} may be"
    return None

"""One aggregate from one entity's facts: the online half of every definition."""

import math
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
from msgspec import UNSET

from pressroom.facts import Aggregate, AggregateKind
from pressroom.features.opened import Column, Columns
from pressroom.stats import FAR, sample_deviation, squares_in_two
from pressroom.values import Instant

Value = int | float | str | bool | bytes | list[int] | list[float] | list[str] | None
Reading = Callable[[Columns, int, int, Instant], Value]
"""Answers from the facts from one place to before another, as of an instant."""
Reduction = Callable[[list[Any]], Value]
"""Makes one value of at least one."""


def nothing(aggregate: Aggregate) -> Value:
    """The answer where there is no fact."""
    if aggregate.n is not UNSET:
        return []
    return 0 if aggregate.kind in ("count", "distinct", "approx_distinct") else None


def plain_reduction(aggregate: Aggregate, column: Column | None) -> Reduction | None:
    """What makes one value of a window's numbers, of an aggregate that wants nothing but these; else None."""
    if column is None or column.decode is not None or aggregate.kind not in _REDUCTIONS:
        return None
    return _REDUCTIONS[aggregate.kind]


def reading(aggregate: Aggregate, column: Column | None) -> Reading:
    """What answers an aggregate over a window from the field in `column` (None: it counts facts)."""
    if column is None:
        return lambda columns, low, high, as_of: high - low
    if aggregate.kind == "first":
        return lambda columns, low, high, as_of: columns.first(column, low, high)
    if aggregate.n is not UNSET:
        return _reading_lists(aggregate.kind, aggregate.n, column)
    if aggregate.kind == "decayed_mean":
        return lambda columns, low, high, as_of: _decayed_mean(
            columns.values(column, low, high), as_of, columns.events(column, low, high), aggregate.half_life_us or 1
        )
    absent = nothing(aggregate)
    reduce = _reduction(aggregate, column)

    def reduced(columns: Columns, low: int, high: int, as_of: Instant) -> Value:
        values = columns.values(column, low, high)
        return reduce(values) if values else absent

    return reduced


def _reduction(aggregate: Aggregate, column: Column) -> Callable[[list[Any]], Value]:
    """What makes one value of many."""
    if aggregate.kind == "quantile":
        return partial(_quantile, q=aggregate.q or 1.0)
    if aggregate.kind == "distinct" and column.kept:
        return _distinct_texts
    return _REDUCTIONS[aggregate.kind]


def _reading_lists(kind: AggregateKind, n: int, column: Column) -> Reading:
    if kind == "last_n":
        return lambda columns, low, high, as_of: columns.newest(column, low, high, n)
    return lambda columns, low, high, as_of: _most_frequent(columns.values(column, low, high), n)


def _most_frequent(values: list[Any], k: int) -> list[Any]:
    counted = sorted(Counter(values).items(), key=lambda counted: (-counted[1], counted[0]))
    return [value for value, _ in counted[:k]]


def _mean(values: list[float]) -> float:
    try:
        return math.fsum(values) / len(values)
    except (OverflowError, ValueError):
        return _sum_of_extremes(values) / len(values)


def _least(values: list[float]) -> float:
    found = min(values)
    return math.nan if _has_nan(values) else found if found else abs(found)


def _greatest(values: list[float]) -> float:
    found = max(values)
    return math.nan if _has_nan(values) else found if found else abs(found)


def _quantile(values: list[float], q: float) -> float:
    if _has_nan(values):
        return math.nan
    return _of_one_zero(sorted(values)[max(math.ceil(q * len(values)), 1) - 1])


def _of_one_zero(value: float) -> float:
    """The value, but 0.0 for -0.0: which of the two zeros is least, nobody can say. Whole numbers stay whole."""
    return value if value else abs(value)


def _has_nan(values: list[float]) -> bool:
    # A sum is NaN, and so unlike itself, as soon as one of its terms is; of opposite infinities it is too.
    total = sum(values)
    return total != total and any(map(math.isnan, values))


def _distinct(values: list[float]) -> int:
    return len(np.unique(values))


def _distinct_texts(values: list[str] | list[bytes]) -> int:
    return len(set(values))


def _deviation(values: list[float]) -> float | None:
    if len(values) < 2:
        return None
    numbers = np.array(values, dtype=np.float64)
    quarters = 2 * int(np.abs(numbers).max() > FAR)
    with np.errstate(over="ignore", invalid="ignore"):
        numbers = np.ldexp(numbers, -quarters)
        apart = numbers - numbers[0]
    scale = np.frexp(np.abs(apart).max())[1]
    apart = np.ldexp(apart, -scale)
    sums = [np.array([exact_sum(part.tolist())]) for part in (apart, *squares_in_two(apart))]
    with np.errstate(over="ignore"):
        return float(np.ldexp(sample_deviation(np.array([len(numbers)]), *sums)[0], scale + quarters))


def _decayed_mean(values: list[float], as_of: Instant, events: list[Instant], half_life_us: int) -> float | None:
    weights = np.exp2(-((as_of - np.array(events, dtype=np.int64)) / half_life_us))
    below = exact_sum(weights.tolist())
    with np.errstate(invalid="ignore"):
        weighed = weights * np.array(values, dtype=np.float64)
    return None if below == 0.0 else exact_sum(weighed.tolist()) / below


def exact_sum(numbers: list[float]) -> float:
    """The correctly rounded sum; infinite where it passes the largest float, NaN of opposite infinities."""
    try:
        return math.fsum(numbers)
    except (OverflowError, ValueError):
        return _sum_of_extremes(numbers)


def _sum_of_extremes(numbers: list[float]) -> float:
    """What fsum refuses: opposite infinities are NaN; sums that pass the largest float on the way are still exact."""
    strange = [number for number in numbers if not math.isfinite(number)]
    if strange:
        return sum(strange)
    total = sum(map(Fraction, numbers), Fraction(0))
    try:
        return float(total)
    except OverflowError:
        return math.inf if total > 0 else -math.inf


_REDUCTIONS: dict[str, Callable[[list[float]], float | None]] = {
    "sum": exact_sum, "mean": _mean, "min": _least, "max": _greatest, "distinct": _distinct, "std": _deviation,
}  # fmt: skip

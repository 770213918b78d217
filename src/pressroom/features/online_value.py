"""One aggregate from one entity's records: the online half of every definition."""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from pressroom.facts import Aggregate
from pressroom.features.packed import Records
from pressroom.features.stream import NULLS
from pressroom.stats import sample_deviation, squares_in_two
from pressroom.values import MICROSECONDS, Instant

Value = int | float | str | bool | None
Bit = np.uint64 | None
Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[Any]
"""float64, or int64 for whole numbers."""


def nothing(aggregate: Aggregate) -> Value:
    """The answer where there is no fact."""
    return 0 if aggregate.kind in ("count", "distinct") else None


def windowed(aggregate: Aggregate, bit: Bit, records: Records, as_of: Instant) -> Value:
    """An aggregate over a window, of the records that are visible at `as_of`. `bit` marks its field's nulls."""
    event = records["event"]
    inside = (event >= as_of - (aggregate.window_us or 0)) & (event < as_of)
    if aggregate.field is None or bit is None:
        return int(np.count_nonzero(inside))
    if aggregate.kind == "first":
        return _first(aggregate, bit, records[inside])
    if records[NULLS].any():
        inside &= (records[NULLS] & bit) == 0
    found = records[inside]
    if not len(found):
        return nothing(aggregate)
    numbers = found[aggregate.field]
    if aggregate.kind == "distinct":
        return len(np.unique(numbers))
    if aggregate.kind in _PICKS:
        return _as_source(aggregate, _PICKS[aggregate.kind](aggregate, numbers))
    return _as_source(aggregate, _REDUCTIONS[aggregate.kind](aggregate, numbers.astype(np.float64), found, as_of))


def looked_up(aggregate: Aggregate, bit: Bit, records: Records, newest: int, as_of: Instant) -> Value:
    """The field of the newest record, or its age in seconds; None beyond the time to live."""
    age = as_of - int(records["event"][newest])
    if aggregate.ttl_us is not None and age > aggregate.ttl_us:
        return None
    if aggregate.field is None or bit is None:
        return age / MICROSECONDS
    return _field(aggregate, bit, records, newest)


def newest_of(records: Records) -> int:
    """The place of the greatest record by (event, known, seq)."""
    event = records["event"]
    places = np.flatnonzero(event == event.max())
    if len(places) == 1:
        return int(places[0])
    tied = records[places]
    return int(places[np.lexsort((tied["seq"], tied["known"]))[-1]])


def _first(aggregate: Aggregate, bit: np.uint64, records: Records) -> Value:
    if not len(records):
        return None
    return _field(aggregate, bit, records, _earliest(records))


def _earliest(records: Records) -> int:
    """The place of the least record by (event, known, seq)."""
    return int(np.lexsort((records["seq"], records["known"], records["event"]))[0])


def _field(aggregate: Aggregate, bit: np.uint64, records: Records, place: int) -> Value:
    if records[NULLS][place] & bit:
        return None
    return _as_source(aggregate, records[aggregate.field or ""][place].item())


def _as_source(aggregate: Aggregate, value: float | None) -> Value:
    kind = aggregate.result("").type
    if value is None or kind == "float":
        return value
    return bool(value) if kind == "bool" else int(value)


Reduction = Callable[[Aggregate, Floats, Records, Instant], float | None]


def _sum(aggregate: Aggregate, numbers: Floats, records: Records, as_of: Instant) -> float | None:
    return exact_sum(numbers.tolist())


def _mean(aggregate: Aggregate, numbers: Floats, records: Records, as_of: Instant) -> float | None:
    return exact_sum(numbers.tolist()) / len(numbers)


def _least(aggregate: Aggregate, numbers: Numbers) -> float:
    return numbers.min().item()


def _greatest(aggregate: Aggregate, numbers: Numbers) -> float:
    return numbers.max().item()


def _quantile(aggregate: Aggregate, numbers: Numbers) -> float:
    if np.isnan(numbers).any():
        return math.nan
    rank = max(math.ceil((aggregate.q or 1.0) * len(numbers)), 1)
    return np.sort(numbers)[rank - 1].item()


def _std(aggregate: Aggregate, numbers: Floats, records: Records, as_of: Instant) -> float | None:
    if len(numbers) < 2:
        return None
    apart = numbers - numbers[_earliest(records)]
    sums = [np.array([exact_sum(part.tolist())]) for part in (apart, *squares_in_two(apart))]
    return float(sample_deviation(np.array([len(numbers)]), *sums)[0])


def _decayed_mean(aggregate: Aggregate, numbers: Floats, records: Records, as_of: Instant) -> float | None:
    weights = np.exp2(-((as_of - records["event"]) / (aggregate.half_life_us or 1)))
    below = exact_sum(weights.tolist())
    return None if below == 0.0 else exact_sum((weights * numbers).tolist()) / below


_REDUCTIONS: dict[str, Reduction] = {
    "sum": _sum, "mean": _mean, "std": _std, "decayed_mean": _decayed_mean,
}  # fmt: skip
_PICKS: dict[str, Callable[[Aggregate, Numbers], float]] = {"min": _least, "max": _greatest, "quantile": _quantile}
"""Aggregates that pick one of the values, and so keep whole numbers whole."""


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

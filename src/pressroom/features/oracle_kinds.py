"""What each kind of aggregate comes to, in plain Python: one small function a kind."""

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from pressroom.facts import Aggregate
from pressroom.values import MICROSECONDS, Instant

Value = int | float | str | bool | bytes | list[int] | list[float] | list[str] | None
Seen = tuple[Instant, Instant, int, Value]
"""A fact that a question sees: `event`, `known`, `seq` and the value of the aggregate's field (None: it has none)."""
Kind = Callable[[Sequence[Seen], Instant, Aggregate], Value]
"""What the facts that are seen (in the order of event, known, seq; at least one) come to at an instant."""
_GRID = 1074
"""Every float is a whole number of steps of 2 ** -1074."""


def exact_sum(numbers: Sequence[float]) -> float:
    """The float nearest to the exact sum; opposite infinities, or any NaN, make it NaN."""
    strange = {number for number in numbers if not math.isfinite(number)}
    if strange:
        return strange.pop() if len(strange) == 1 else math.nan
    steps = sum(_steps(number) for number in numbers)
    try:
        return float(Fraction(steps, 1 << _GRID))
    except OverflowError:
        return math.inf if steps > 0 else -math.inf


def _steps(number: float) -> int:
    numerator, denominator = number.as_integer_ratio()
    return numerator << (_GRID + 1 - denominator.bit_length())


def numbers_of(seen: Sequence[Seen]) -> list[float]:
    """The values that there are; whole numbers beyond 2**53 as the nearest float."""
    return [float(value) for *_, value in seen if isinstance(value, int | float)]


def _count(seen: Sequence[Seen], _t: Instant, _aggregate: Aggregate) -> Value:
    return len(seen)


def _sum(seen: Sequence[Seen], _t: Instant, _aggregate: Aggregate) -> Value:
    numbers = numbers_of(seen)
    return exact_sum(numbers) if numbers else None


def _mean(seen: Sequence[Seen], _t: Instant, _aggregate: Aggregate) -> Value:
    numbers = numbers_of(seen)
    return exact_sum(numbers) / len(numbers) if numbers else None


def _std(seen: Sequence[Seen], _t: Instant, _aggregate: Aggregate) -> Value:
    numbers = numbers_of(seen)
    if len(numbers) < 2:
        return None
    if not all(map(math.isfinite, numbers)):
        return math.nan
    try:
        return statistics.stdev(numbers)
    except OverflowError:
        return math.inf


def _min(seen: Sequence[Seen], _t: Instant, aggregate: Aggregate) -> Value:
    return _one_of(sorted(numbers_of(seen)), 0, aggregate)


def _max(seen: Sequence[Seen], _t: Instant, aggregate: Aggregate) -> Value:
    return _one_of(sorted(numbers_of(seen)), -1, aggregate)


def _quantile(seen: Sequence[Seen], _t: Instant, aggregate: Aggregate) -> Value:
    numbers = numbers_of(seen)
    rank = max(1, math.ceil((aggregate.q or 0.0) * len(numbers)))
    return _one_of(sorted(numbers), rank - 1, aggregate)


def _one_of(numbers: Sequence[float], place: int, aggregate: Aggregate) -> Value:
    if not numbers:
        return None
    if any(map(math.isnan, numbers)):
        return math.nan
    return numbers[place] if aggregate.result("").type == "float" else int(numbers[place])


def _distinct(seen: Sequence[Seen], _t: Instant, _aggregate: Aggregate) -> Value:
    values = [value for *_, value in seen if value is not None]
    return len({"NaN" if is_nan(value) else (type(value), value) for value in values})


def _decayed_mean(seen: Sequence[Seen], t: Instant, aggregate: Aggregate) -> Value:
    weighed = [
        (0.5 ** ((t - event) / (aggregate.half_life_us or 1)), float(value))
        for event, _, _, value in seen
        if isinstance(value, int | float)
    ]
    whole = exact_sum([weight for weight, _ in weighed])
    return exact_sum([weight * number for weight, number in weighed]) / whole if whole else None


def _first(seen: Sequence[Seen], _t: Instant, _aggregate: Aggregate) -> Value:
    return seen[0][3]


def _last(seen: Sequence[Seen], _t: Instant, _aggregate: Aggregate) -> Value:
    return seen[-1][3]


def _age(seen: Sequence[Seen], t: Instant, _aggregate: Aggregate) -> Value:
    return (t - seen[-1][0]) / MICROSECONDS


KINDS: Mapping[str, Kind] = {
    "count": _count,
    "sum": _sum,
    "mean": _mean,
    "std": _std,
    "min": _min,
    "max": _max,
    "first": _first,
    "distinct": _distinct,
    "quantile": _quantile,
    "decayed_mean": _decayed_mean,
    "last": _last,
    "age": _age,
}
OF_NOTHING = frozenset(("count", "distinct"))
"""Kinds that come to 0 where no fact is seen; all others are null."""
ROUNDED = {"std": 1e-7, "decayed_mean": 1e-9}
"""Kinds in which rounding may differ by this share of the largest value: a root of a small difference, and powers."""
SMALLEST_ROOT = 1e-150
"""Below this, squares are no floats any more."""


def is_nan(value: Value) -> bool:
    """Whether a value is NaN."""
    return isinstance(value, float) and math.isnan(value)

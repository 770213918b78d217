"""What each kind of aggregate comes to, in plain Python: one small function a kind."""

import math
import statistics
import struct
import sys
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from datasketches import hll_sketch, hll_union, tgt_hll_type
from msgspec import UNSET

from pressroom.facts import Aggregate
from pressroom.values import MICROSECONDS, Instant, hash_text

Value = int | float | str | bool | bytes | list[int] | list[float] | list[str] | None
Seen = tuple[Instant, Instant, int, Value]
"""A fact that a question sees: `event`, `known`, `seq` and the value of the aggregate's field (None: it has none)."""
Kind = Callable[[Sequence[Seen], Instant, Aggregate], Value]
"""What the facts that are seen (in the order of event, known, seq; at least one) come to at an instant."""
_GROWTH = 1.01 / 0.99
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


def _approx_distinct(seen: Sequence[Seen], _t: Instant, _aggregate: Aggregate) -> Value:
    sketch = hll_sketch(11, tgt_hll_type.HLL_8)
    for *_, value in seen:
        if value is not None:
            sketch.update(_as_whole_number(value))
    union = hll_union(11)
    for _ in range(2):
        union.update(sketch)
    # As often as it takes: the estimate of registers that were merged is the one that no order can change.
    union.update(union.get_result(tgt_hll_type.HLL_8))
    return round(union.get_result(tgt_hll_type.HLL_8).get_estimate())


def _as_whole_number(value: Value) -> int:
    if isinstance(value, str):
        return hash_text(value)
    if isinstance(value, float):
        plain = math.nan if math.isnan(value) else value + 0.0
        return int.from_bytes(struct.pack("<d", plain), "little", signed=True)
    return int(value) if isinstance(value, int) else 0


def _approx_quantile(seen: Sequence[Seen], _t: Instant, aggregate: Aggregate) -> Value:
    numbers = sorted(numbers_of(seen))
    if not numbers or any(map(math.isnan, numbers)):
        return math.nan if numbers else None
    number = numbers[max(1, math.ceil((aggregate.q or 0.0) * len(numbers))) - 1]
    if math.isinf(number) or number == 0.0:
        return number + 0.0
    size = abs(number)
    if size < sys.float_info.min:
        return 0.0
    return math.copysign(min(_below(size) * (2 * _GROWTH / (_GROWTH + 1)), sys.float_info.max), number)


def _below(size: float) -> float:
    """The greatest bound below a positive number: 1 grown, or shrunk, by the same factor again and again."""
    bound = 1.0
    if size > bound:
        while bound * _GROWTH < size:
            bound *= _GROWTH
        return bound
    while bound >= size:
        bound /= _GROWTH
    return bound


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


def _most(aggregate: Aggregate) -> int:
    return 0 if aggregate.n is UNSET else aggregate.n


def _last_n(seen: Sequence[Seen], _t: Instant, aggregate: Aggregate) -> Value:
    found: list[Any] = [value for *_, value in seen if value is not None]
    found.reverse()
    return [value for place, value in enumerate(found) if place < _most(aggregate)]


def _top_k(seen: Sequence[Seen], _t: Instant, aggregate: Aggregate) -> Value:
    often: dict[Any, int] = {}
    for *_, value in seen:
        if value is not None:
            often[value] = often.get(value, 0) + 1
    ranked = sorted(often, key=lambda value: (-often[value], value))
    return [value for place, value in enumerate(ranked) if place < _most(aggregate)]


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
    "approx_distinct": _approx_distinct,
    "approx_quantile": _approx_quantile,
    "decayed_mean": _decayed_mean,
    "last_n": _last_n,
    "top_k": _top_k,
    "last": _last,
    "age": _age,
}
OF_NOTHING: Mapping[str, Value] = {"count": 0, "distinct": 0, "approx_distinct": 0, "last_n": [], "top_k": []}
"""What kinds come to where no fact is seen; all others are null."""
ROUNDED = {"std": 1e-7, "decayed_mean": 1e-9}
"""Kinds in which rounding may differ by this share of the largest value: a root of a small difference, and powers."""
SMALLEST_ROOT = 1e-150
"""Below this, squares are no floats any more."""


def is_nan(value: Value) -> bool:
    """Whether a value is NaN."""
    return isinstance(value, float) and math.isnan(value)

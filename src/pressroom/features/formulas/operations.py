"""Operations: what each function of a formula does to columns in hand. The one meaning, offline and online.

Only operations are used whose answer for a row depends on nothing but that row, to the last bit, on every machine:
those that IEEE 754 rounds in one way, comparisons, choices, whole numbers, and our own exp, log, log1p, sin and cos.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from pressroom.features.formulas.values import Held, either
from pressroom.stats import cos, exp, log, log1p, sin
from pressroom.values import MICROSECONDS

Operation = Callable[..., Held]

_HOUR_US, _DAY_US = 3_600 * MICROSECONDS, 86_400 * MICROSECONDS
_THURSDAY = 3
"""1970-01-01 was one."""


def _of_one(function: Callable[[Any], Any]) -> Operation:
    def operation(x: Held) -> Held:
        return function(x[0]), x[1]

    return operation


def _of_two(function: Callable[[Any, Any], Any]) -> Operation:
    def operation(x: Held, y: Held) -> Held:
        return function(x[0], y[0]), either(x[1], y[1])

    return operation


def _maximum(a: Any, b: Any) -> Any:
    # numpy's own may take either of 0.0 and -0.0; here the first of two equal ones is taken. NaN if one is NaN.
    return np.where((a >= b) | (a != a), a, b)


def _minimum(a: Any, b: Any) -> Any:
    return np.where((a <= b) | (a != a), a, b)


def _seconds(a: Any, b: Any) -> Any:
    # As floats before they are subtracted where the difference would not fit.
    apart = a - b
    return np.where((a >= b) == (apart >= 0), apart, a.astype(np.float64) - b.astype(np.float64)) / float(MICROSECONDS)


def _and(x: Held, y: Held) -> Held:
    a, b = (held[0] if held[1] is None else held[0] | held[1] for held in (x, y))
    both, nulls = a & b, either(x[1], y[1])
    return both, None if nulls is None else nulls & both


def _or(x: Held, y: Held) -> Held:
    a, b = (held[0] if held[1] is None else held[0] & ~held[1] for held in (x, y))
    one, nulls = a | b, either(x[1], y[1])
    return one, None if nulls is None else nulls & ~one


def _where(condition: Held, x: Held, y: Held) -> Held:
    chosen = np.where(condition[0], x[0], y[0])
    if x[1] is None and y[1] is None:
        return chosen, condition[1]
    a, b = (False if held[1] is None else held[1] for held in (x, y))
    return chosen, either(condition[1], np.where(condition[0], a, b))


def _coalesce(x: Held, y: Held) -> Held:
    if x[1] is None:
        return x
    return np.where(x[1], y[0], x[0]), None if y[1] is None else x[1] & y[1]


def _is_null(x: Held) -> Held:
    return (np.zeros(x[0].shape, np.bool_) if x[1] is None else x[1]), None


def _isin(x: Held, *constants: Held) -> Held:
    found = x[0] == constants[0][0]
    for constant in constants[1:]:
        found = found | (x[0] == constant[0])
    return found, x[1]


def _month_of(instants: Any) -> Any:
    return instants.view("M8[us]").astype("M8[M]").astype(np.int64) % 12 + 1


OPERATIONS: dict[str, Operation] = {
    "add": _of_two(np.add),
    "subtract": _of_two(np.subtract),
    "multiply": _of_two(np.multiply),
    "divide": _of_two(np.divide),
    "floor_divide": _of_two(np.floor_divide),
    "remainder": _of_two(np.remainder),
    "negative": _of_one(np.negative),
    "absolute": _of_one(np.absolute),
    "sqrt": _of_one(np.sqrt),
    "floor": _of_one(np.floor),
    "ceil": _of_one(np.ceil),
    "trunc": _of_one(np.trunc),
    "rint": _of_one(np.rint),
    "sign": _of_one(np.sign),
    "exp": _of_one(exp),
    "log": _of_one(log),
    "log1p": _of_one(log1p),
    "sin": _of_one(sin),
    "cos": _of_one(cos),
    "isnan": _of_one(np.isnan),
    "isfinite": _of_one(np.isfinite),
    "isinf": _of_one(np.isinf),
    "equal": _of_two(np.equal),
    "not_equal": _of_two(np.not_equal),
    "less": _of_two(np.less),
    "less_equal": _of_two(np.less_equal),
    "greater": _of_two(np.greater),
    "greater_equal": _of_two(np.greater_equal),
    "minimum": _of_two(_minimum),
    "maximum": _of_two(_maximum),
    "and": _and,
    "or": _or,
    "xor": _of_two(np.logical_xor),
    "not": _of_one(np.logical_not),
    "where": _where,
    "coalesce": _coalesce,
    "is_null": _is_null,
    "isin": _isin,
    "seconds": _of_two(_seconds),
    "float": _of_one(lambda x: x.astype(np.float64)),
    "int": _of_one(lambda x: x.astype(np.int64)),
    "hour_of": _of_one(lambda t: t // _HOUR_US % 24),
    "day_of_week": _of_one(lambda t: (t // _DAY_US + _THURSDAY) % 7),
    "month_of": _of_one(_month_of),
}

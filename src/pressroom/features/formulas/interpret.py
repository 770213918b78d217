"""Formulas by their definition, one row at a time in plain Python: the oracle of derived features.

Slow and obvious on purpose. It shares no code with the operations on columns, only the meaning of a step.
"""

import math
import operator
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from pressroom.features.formulas.formula import Formula, Step
from pressroom.values import MICROSECONDS

Value = int | float | str | bool | None
Nudge = Callable[[float], float]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ROUNDED = frozenset(("exp", "log", "log1p", "sin", "cos"))
"""Steps whose last bits are a matter of who works them out."""


def interpret(formula: Formula, inputs: Mapping[str, Value], *, nudge: Nudge | None = None) -> Value:
    """The result for one row. `nudge` is applied to what steps give whose last bits are uncertain."""
    values: list[Value] = []
    for step in formula.steps:
        of = [values[place] for place in step.of]
        value = _step(step, of, inputs)
        if nudge is not None and step.do in ROUNDED and isinstance(value, float) and math.isfinite(value):
            value = nudge(value)
        values.append(value)
    return values[-1]


def is_rounded(formula: Formula) -> bool:
    """Whether some step's last bits are uncertain."""
    return any(step.do in ROUNDED for step in formula.steps)


def _step(step: Step, of: list[Value], inputs: Mapping[str, Value]) -> Value:
    if step.do == "input":
        return inputs[str(step.text)]
    if step.do == "constant":
        return _READ[step.type](str(step.text))
    if step.do in _WITH_NULLS:
        return _WITH_NULLS[step.do](*of)
    if step.do == "null" or None in of:
        return None
    return _STRICT[step.do](*of)


def _and(a: Value, b: Value) -> Value:
    return False if a is False or b is False else None if a is None or b is None else True


def _or(a: Value, b: Value) -> Value:
    return True if a is True or b is True else None if a is None or b is None else False


def _where(condition: Value, a: Value, b: Value) -> Value:
    return None if condition is None else a if condition else b


def _divide(a: float, b: float) -> float:
    if b != 0.0:
        return a / b
    if a == 0.0 or math.isnan(a) or math.isnan(b):
        return math.nan
    return math.copysign(math.inf, a) * math.copysign(1.0, b)


def _floor_divide(a: float, b: float) -> float:
    if b == 0.0:
        return _divide(a, b)
    return math.nan if math.isinf(a) else a // b


def _remainder(a: float, b: float) -> float:
    return math.nan if b == 0.0 or math.isinf(a) else a % b


def _to_whole(function: Callable[[float], int]) -> Callable[[float], float]:
    return lambda x: math.copysign(float(function(x)), x) if math.isfinite(x) else x


def _log(x: float) -> float:
    return math.nan if x < 0.0 or math.isnan(x) else -math.inf if x == 0.0 else math.log(x)


def _log1p(x: float) -> float:
    return math.nan if x < -1.0 or math.isnan(x) else -math.inf if x == -1.0 else math.log1p(x)


def _exp(x: float) -> float:
    try:
        return math.exp(x)
    except OverflowError:
        return math.inf


def _of_angle(function: Callable[[float], float]) -> Callable[[float], float]:
    return lambda x: function(x) if abs(x) <= 1_048_576.0 else math.nan


def _sign(x: float) -> float:
    return x if math.isnan(x) else float((x > 0) - (x < 0))


def _maximum(a: Any, b: Any) -> Any:
    return a if a != a or a >= b else b


def _minimum(a: Any, b: Any) -> Any:
    return a if a != a or a <= b else b


def _seconds(a: int, b: int) -> float:
    return float(a - b) / float(MICROSECONDS)


def _sqrt(x: float) -> float:
    return math.nan if x < 0.0 else math.sqrt(x)


def _isin(x: Value, *constants: Value) -> bool:
    return any(x == constant for constant in constants)


def _coalesce(a: Value, b: Value) -> Value:
    return b if a is None else a


def _is_null(a: Value) -> bool:
    return a is None


def _at(instant: int) -> datetime:
    return _EPOCH + timedelta(microseconds=instant)


def _hour_of(instant: int) -> int:
    return _at(instant).hour


def _day_of_week(instant: int) -> int:
    return _at(instant).weekday()


def _month_of(instant: int) -> int:
    return _at(instant).month


_READ: dict[str, Callable[[str], Value]] = {"bool": "true".__eq__, "int": int, "float": float, "string": str}
_WITH_NULLS: dict[str, Callable[..., Value]] = {
    "and": _and,
    "or": _or,
    "where": _where,
    "coalesce": _coalesce,
    "is_null": _is_null,
}
_STRICT: dict[str, Callable[..., Any]] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": _divide,
    "floor_divide": _floor_divide,
    "remainder": _remainder,
    "negative": operator.neg,
    "absolute": abs,
    "sqrt": _sqrt,
    "floor": _to_whole(math.floor),
    "ceil": _to_whole(math.ceil),
    "trunc": _to_whole(math.trunc),
    "rint": _to_whole(round),
    "sign": _sign,
    "exp": _exp,
    "log": _log,
    "log1p": _log1p,
    "sin": _of_angle(math.sin),
    "cos": _of_angle(math.cos),
    "isnan": math.isnan,
    "isfinite": math.isfinite,
    "isinf": math.isinf,
    "equal": operator.eq,
    "not_equal": operator.ne,
    "less": operator.lt,
    "less_equal": operator.le,
    "greater": operator.gt,
    "greater_equal": operator.ge,
    "minimum": _minimum,
    "maximum": _maximum,
    "xor": operator.ne,
    "not": operator.not_,
    "isin": _isin,
    "seconds": _seconds,
    "float": float,
    "int": int,
    "hour_of": _hour_of,
    "day_of_week": _day_of_week,
    "month_of": _month_of,
}

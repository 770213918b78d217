"""Columns: what a derived feature's function is given in the place of values. They record what is done to them."""

from collections.abc import Callable, Iterable
from typing import Any, NoReturn

import numpy as np

from pressroom.features.errors import BadView
from pressroom.features.formulas.rules import RULES
from pressroom.features.formulas.trace import Trace, power_of
from pressroom.values import FieldType

_UFUNCS: dict[object, str] = {
    **{getattr(np, do): do for do in RULES if isinstance(getattr(np, do, None), np.ufunc)},
    np.fabs: "absolute",
    np.logical_and: "and",
    np.bitwise_and: "and",
    np.logical_or: "or",
    np.bitwise_or: "or",
    np.logical_xor: "xor",
    np.bitwise_xor: "xor",
    np.logical_not: "not",
    np.invert: "not",
}
_INSTEAD = {
    "log2": "Write np.log(x) / np.log(2).",
    "log10": "Write np.log(x) / np.log(10).",
    "exp2": "Write np.exp(x * np.log(2)).",
    "expm1": "Write np.exp(x) - 1.",
    "tan": "Write np.sin(x) / np.cos(x).",
    "tanh": "Write 1 - 2 / (np.exp(2 * x) + 1).",
    "cbrt": "Write np.sign(x) * np.exp(np.log(abs(x)) / 3).",
    "hypot": "Write np.sqrt(a * a + b * b).",
    "fmod": "Write a % b.",
    "fmin": "Write np.minimum(a, b).",
    "fmax": "Write np.maximum(a, b).",
}
_TRUTH = (
    "Write pr.where(condition, a, b) for `if`; & | ~ for `and`, `or`, `not`; (a < x) & (x < b) for `a < x < b`; "
    "np.minimum and np.maximum for `min` and `max`; pr.isin for `in`."
)
_ONE_ROW = "A derived feature sees one row at a time: aggregate facts in a view (Fact.field.mean(window=...)) first."


def _operator(do: str) -> Any:
    def method(self: "Column", other: object) -> "Column":
        return applied(do, self, other)

    return method


def _reflected(do: str) -> Any:
    def method(self: "Column", other: object) -> "Column":
        return applied(do, other, self)

    return method


def _alone(do: str) -> Any:
    def method(self: "Column") -> "Column":
        return applied(do, self)

    return method


class Column:
    """A column of values that are not there yet, of one type. Operators, comparisons, `& | ~`, numpy's elementwise
    functions and those of Pressroom give further columns; whatever needs the values is refused at once.
    """

    __slots__ = ("place", "trace", "type")

    def __init__(self, trace: Trace, place: int) -> None:
        """Stand for a step of a trace."""
        self.trace, self.place = trace, place
        self.type: FieldType = trace.type_of(place)

    def __repr__(self) -> str:
        """Name and type, or by what it is worked out."""
        return self.trace.listed([self.place])

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: object, **options: object) -> "Column":
        """A function of numpy."""
        if method != "__call__":
            raise self.trace.refusal(f"np.{ufunc.__name__}.{method} needs other rows.", _ONE_ROW)
        if options:
            raise self.trace.refusal(
                f"np.{ufunc.__name__} with {', '.join(options)} can't be recorded.", "Leave the options away."
            )
        if ufunc is np.power or ufunc is np.float_power:
            return _power(*inputs)
        if ufunc is np.square:
            return _power(inputs[0], 2)
        if ufunc not in _UFUNCS:
            known = ", ".join(sorted({each.__name__ for each in _UFUNCS if isinstance(each, np.ufunc)}))
            raise self.trace.refusal(
                f"np.{ufunc.__name__} is not among the functions that derived features are made of.",
                _INSTEAD.get(ufunc.__name__, f"There are {known}."),
            )
        return applied(_UFUNCS[ufunc], *inputs)

    def __array_function__(self, function: Callable[..., Any], types: object, args: Any, kwargs: Any) -> "Column":
        """Another function of numpy."""
        found = _FUNCTIONS.get(getattr(function, "__name__", ""))
        if found is None:
            raise self.trace.refusal(f"np.{function.__name__} is not elementwise, or not known here.", _ONE_ROW)
        try:
            return found(*args, **kwargs)
        except TypeError as error:
            raise self.trace.refusal(f"np.{function.__name__} in this form can't be recorded.", f"{error}.") from error

    def __pow__(self, exponent: object) -> "Column":
        """A product of the column with itself."""
        return _power(self, exponent)

    def __rpow__(self, number: object) -> "Column":
        """Refused."""
        return _power(number, self)

    def __round__(self, digits: object = None) -> "Column":
        """To the nearest whole number; halves to the even one."""
        return _round(self, 0 if digits is None else digits)

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        raise self.trace.refusal(f"{self!r} has no {name!r}: columns have operators and no methods.", _ONE_ROW)

    def __bool__(self) -> NoReturn:
        raise self.trace.refusal(f"{self!r} is neither true nor false while it is a whole column.", _TRUTH)

    def __hash__(self) -> NoReturn:
        raise self.trace.refusal(f"{self!r} can't be looked up in a set or dict.", "Write pr.isin or pr.where.")

    def _no_value(self, *_: object) -> NoReturn:
        raise self.trace.refusal(
            f"{self!r} has no single value that Python could convert or format.",
            "Write np.sqrt(x) for math.sqrt(x), np.floor(x) for int(x); numbers need no float(x).",
        )

    __float__ = __int__ = __complex__ = __index__ = __str__ = __format__ = _no_value

    def _no_rows(self, *_: object, **__: object) -> NoReturn:
        raise self.trace.refusal(f"{self!r} can't be counted, indexed, looped over or turned into an array.", _ONE_ROW)

    __len__ = __iter__ = __getitem__ = __contains__ = __array__ = __reversed__ = _no_rows

    __add__, __radd__ = _operator("add"), _reflected("add")
    __sub__, __rsub__ = _operator("subtract"), _reflected("subtract")
    __mul__, __rmul__ = _operator("multiply"), _reflected("multiply")
    __truediv__, __rtruediv__ = _operator("divide"), _reflected("divide")
    __floordiv__, __rfloordiv__ = _operator("floor_divide"), _reflected("floor_divide")
    __mod__, __rmod__ = _operator("remainder"), _reflected("remainder")
    __and__, __rand__ = _operator("and"), _reflected("and")
    __or__, __ror__ = _operator("or"), _reflected("or")
    __xor__, __rxor__ = _operator("xor"), _reflected("xor")
    __eq__, __ne__ = _operator("equal"), _operator("not_equal")
    __lt__, __le__ = _operator("less"), _operator("less_equal")
    __gt__, __ge__ = _operator("greater"), _operator("greater_equal")
    __neg__, __pos__, __abs__, __invert__ = _alone("negative"), _alone("positive"), _alone("absolute"), _alone("not")
    __floor__, __ceil__, __trunc__ = _alone("floor"), _alone("ceil"), _alone("trunc")


def applied(do: str, *operands: object, nulls: bool = False) -> Column:
    """A function of columns and constants; `nulls`: None may stand for a null of the others' type."""
    trace = trace_of(do, operands)
    return Column(trace, RULES[do](trace, [_place(trace, operand, nulls=nulls) for operand in operands]))


def trace_of(do: str, operands: Iterable[object]) -> Trace:
    """The one trace of all columns among these."""
    traces = [operand.trace for operand in operands if isinstance(operand, Column)]
    if not traces:
        raise BadView(f"{do} was given no column.", next_step="Call it inside a function with @pr.derived.")
    if any(trace is not traces[0] for trace in traces):
        raise traces[0].refusal(
            f"a column of {traces[-1].name} is no column of it.", "Name what it needs among its own parameters."
        )
    return traces[0]


def _place(trace: Trace, operand: object, *, nulls: bool) -> int:
    if isinstance(operand, Column):
        return operand.place
    if operand is None and nulls:
        return trace.apply("null", "float")
    return trace.constant(operand)


def _power(base: object, exponent: object) -> Column:
    times = power_of(trace_of("power", (base, exponent)), exponent)
    found, square = None, base
    while times:
        if times & 1:
            found = square if found is None else applied("multiply", found, square)
        times >>= 1
        square = applied("multiply", square, square) if times else square
    return applied("positive", found)


def _round(a: object, decimals: object = 0) -> Column:
    if decimals != 0:
        raise trace_of("round", (a,)).refusal("rounding is known to whole numbers.", "Write np.rint(x * 100) / 100.")
    return applied("rint", a)


def _clip(a: object, a_min: object = None, a_max: object = None) -> Column:
    low = a if a_min is None else applied("maximum", a, a_min)
    return applied("positive", low if a_max is None else applied("minimum", low, a_max))


def where(condition: object, a: object, b: object) -> Column:
    """`a` where the condition holds, `b` where it does not, null where it is null: `pr.where(x > 0, y / x, None)`.

    Both have one type; numbers of different types become the wider one. None stands for null.
    """
    trace = trace_of("where", (condition, a, b))
    places = [_place(trace, condition, nulls=False), *(_place(trace, each, nulls=True) for each in (a, b))]
    return Column(trace, RULES["where"](trace, places))


def isin(x: object, values: Iterable[object]) -> Column:
    """Whether `x` is one of these constants; null where it is null. NaN is none of them."""
    trace = trace_of("isin", (x,))
    several = isinstance(values, (list, tuple, set, frozenset, np.ndarray))
    wanted = sorted(values, key=repr) if isinstance(values, set | frozenset) else list(values) if several else []
    if not wanted or any(isinstance(value, Column) for value in wanted):
        raise trace.refusal("isin takes a list of at least one constant.", 'Write pr.isin(x, ["web", "phone"]).')
    return applied("isin", x, *wanted)


_FUNCTIONS: dict[str, Callable[..., Column]] = {
    "where": where, "clip": _clip, "round": _round, "around": _round, "isin": isin,
}  # fmt: skip

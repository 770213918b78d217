"""Rules: which functions a formula may be made of, what types they take, and what type comes out.

Everything is reckoned in 64-bit floats: whole numbers and truths are widened first, and `+ - * / // %` give a float.
What only picks or compares (minimum, where, coalesce, ==, <) keeps whole numbers exact.
"""

from collections.abc import Callable, Sequence

from pressroom.features.formulas.trace import Trace

Rule = Callable[[Trace, Sequence[int]], int]
"""Takes steps of a trace, checks their types, and gives the place of the step that works on them."""

NUMBERS = frozenset(("int", "float", "bool"))
_ORDERED = frozenset((*NUMBERS, "timestamp"))
_EXACT = (
    "add", "multiply", "divide", "floor_divide", "remainder", "negative", "absolute", "sqrt", "floor", "ceil", "trunc",
    "rint", "sign",
)  # fmt: skip
ELEMENTARY = ("exp", "log", "log1p", "sin", "cos")
"""Worked out by the house itself, the same on every machine."""


def _check(trace: Trace, do: str, places: Sequence[int], kinds: frozenset[str], wanted: str, instead: str) -> None:
    if not all(trace.type_of(place) in kinds for place in places):
        raise trace.refusal(f"{do} takes {wanted}, found {trace.listed(places)}.", instead)


def _floats(do: str, result: str = "float") -> Rule:
    instead = 'Text and instants are compared: (x == "web"); two instants are subtracted.'

    def rule(trace: Trace, places: Sequence[int]) -> int:
        _check(trace, do, places, NUMBERS, "numbers", instead)
        of = [trace.widened(place, "float") for place in places]
        return trace.apply(do, "bool" if result == "bool" else "float", *of)

    return rule


def _subtract(trace: Trace, places: Sequence[int]) -> int:
    if all(trace.type_of(place) == "timestamp" for place in places):
        return trace.apply("seconds", "float", *places)
    return _floats("subtract")(trace, places)


def _positive(trace: Trace, places: Sequence[int]) -> int:
    _check(trace, "positive", places, NUMBERS, "a number", "Leave the + away.")
    return places[0]


def _equality(do: str) -> Rule:
    return lambda trace, places: trace.apply(do, "bool", *trace.alike(do, places))


def _order(do: str) -> Rule:
    instead = "Compare numbers with numbers and instants with instants; text is equal or not: ==, pr.isin."

    def rule(trace: Trace, places: Sequence[int]) -> int:
        _check(trace, do, places, _ORDERED, "numbers or instants", instead)
        alike = trace.alike(do, places)
        if trace.type_of(alike[0]) == "bool":
            alike = [trace.widened(place, "int") for place in alike]
        return trace.apply(do, "bool", *alike)

    return rule


def _pick(do: str) -> Rule:
    def rule(trace: Trace, places: Sequence[int]) -> int:
        _check(trace, do, places, _ORDERED, "numbers or instants", "Choose between texts with pr.where.")
        alike = trace.alike(do, places)
        if trace.type_of(alike[0]) == "bool":
            alike = [trace.widened(place, "int") for place in alike]
        return trace.apply(do, trace.type_of(alike[0]), *alike)

    return rule


def _truths(do: str) -> Rule:
    def rule(trace: Trace, places: Sequence[int]) -> int:
        _check(
            trace,
            do,
            places,
            frozenset(("bool",)),
            "truths",
            "Put comparisons in brackets: (a > 1) & (b < 2), ~(a > 1).",
        )
        return trace.apply(do, "bool", *places)

    return rule


def _where(trace: Trace, places: Sequence[int]) -> int:
    _check(trace, "where", places[:1], frozenset(("bool",)), "a truth first", "Write pr.where(x > 0, a, b).")
    a, b = trace.alike("where", places[1:])
    return trace.apply("where", trace.type_of(a), places[0], a, b)


def _coalesce(trace: Trace, places: Sequence[int]) -> int:
    some = [place for place in trace.alike("coalesce", places) if trace.steps[place].do != "null"]
    if any(trace.steps[place].do == "constant" for place in some[:-1]):
        raise trace.refusal("coalesce goes on after a constant, which is never null.", "Put the constant last.")
    first, *others = some
    for other in others:
        first = trace.apply("coalesce", trace.type_of(first), first, other)
    return first


def _is_null(trace: Trace, places: Sequence[int]) -> int:
    return trace.apply("is_null", "bool", *places)


def _isin(trace: Trace, places: Sequence[int]) -> int:
    return trace.apply("isin", "bool", *trace.alike("isin", places))


def _calendar(do: str) -> Rule:
    def rule(trace: Trace, places: Sequence[int]) -> int:
        _check(trace, do, places, frozenset(("timestamp",)), "an instant", "Give as_of, or a field declared Timestamp.")
        return trace.apply(do, "int", *places)

    return rule


RULES: dict[str, Rule] = {
    **{do: _floats(do) for do in (*_EXACT, *ELEMENTARY)},
    **{do: _floats(do, "bool") for do in ("isnan", "isfinite", "isinf")},
    **{do: _equality(do) for do in ("equal", "not_equal")},
    **{do: _order(do) for do in ("less", "less_equal", "greater", "greater_equal")},
    **{do: _pick(do) for do in ("minimum", "maximum")},
    **{do: _truths(do) for do in ("and", "or", "xor", "not")},
    **{do: _calendar(do) for do in ("hour_of", "day_of_week", "month_of")},
    "subtract": _subtract,
    "positive": _positive,
    "where": _where,
    "coalesce": _coalesce,
    "is_null": _is_null,
    "isin": _isin,
}

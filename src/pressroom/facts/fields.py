"""Fields of a fact class: what `Landing.delay` is, and what can be asked of it."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum as PythonEnum
from types import GenericAlias
from typing import TYPE_CHECKING, Any, Generic, Literal, NoReturn, TypeVar

from pressroom.facts.aggregate import Aggregate, AggregateKind, Label
from pressroom.facts.condition import Comparison, Condition, Constant
from pressroom.facts.errors import BadDefinition
from pressroom.facts.meaningful import OF_NUMBERS, refuse_comparison, refuse_kind, refuse_null_test, refuse_unlisted
from pressroom.values import FactSchema, FieldChecks, FieldSchema, compose_names, parse_duration

E = TypeVar("E")
_LONGEST_LIST = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldOptions:
    """What `field(...)` was given, until the class is complete."""

    doc: str
    unit: str
    optional: bool
    labels: tuple[str, ...]
    checks: FieldChecks = FieldChecks()  # noqa: RUF009  (frozen)


def field(  # noqa: PLR0913  (a declaration: every part of it is somebody's decision)
    *,
    doc: str = "",
    unit: str = "",
    optional: bool = False,
    labels: tuple[str, ...] = (),
    low: float | None = None,
    high: float | None = None,
    most_nulls: float | None = None,
) -> Any:
    """Say more about a field: `delay: Float = field(unit="min", doc="actual minus scheduled arrival", high=2_880)`.

    `optional` lets it be null; `labels` are what policy rules speak of, such as "pii". `low`, `high` (bounds of the
    values, both allowed) and `most_nulls` (a share of the rows) are measured at every append; they keep nothing out.
    """
    checks = FieldChecks(low=low, high=high, most_nulls=most_nulls)
    return FieldOptions(doc=doc, unit=unit, optional=optional, labels=labels, checks=checks)


Where = Condition | Sequence[Condition]


class FieldReference:
    """A field of a fact type, to build questions from."""

    def __init__(self, fact: FactSchema, schema: FieldSchema) -> None:
        """Point at `schema` in `fact`."""
        self.fact = fact
        self.schema = schema

    def equals(self, *constants: Constant) -> Condition:
        """The condition that the field is one of these values. NaN equals nothing."""
        refuse_comparison(self.fact, self.schema)
        if not constants:
            raise BadDefinition(f"{self!r} equals nothing at all.", next_step="Give at least one value.")
        plain = tuple(constant.value if isinstance(constant, PythonEnum) else constant for constant in constants)
        refuse_unlisted(self.fact, self.schema, plain)
        return Condition(field=self.schema.name, test="in", constants=plain)

    def is_null(self) -> Condition:
        """The condition that the field has no value."""
        refuse_null_test(self.fact, self.schema)
        return Condition(field=self.schema.name, test="null", constants=())

    def is_not_null(self) -> Condition:
        """The condition that the field has a value."""
        refuse_null_test(self.fact, self.schema)
        return Condition(field=self.schema.name, test="not null", constants=())

    def last(self, *, ttl: str | None = None, by: "By | None" = None, where: Where = ()) -> Aggregate:
        """The value in the newest fact known at the instant, if that is no older than `ttl` (None: however old)."""
        ttl_us = None if ttl is None else parse_duration(ttl)
        return Aggregate(
            fact=self.fact, kind="last", field=self.schema.name, ttl_us=ttl_us, by=key_name(by), where=conditions(where)
        )

    def first(self, *, window: str, by: "By | None" = None, where: Where = ()) -> Aggregate:
        """The value in the earliest fact of `[t - window, t)`."""
        return self._windowed("first", window, by, where)

    def distinct(self, *, window: str, by: "By | None" = None, where: Where = ()) -> Aggregate:
        """How many different values there are in `[t - window, t)`: exact. Not of bytes and vectors."""
        return self._windowed("distinct", window, by, where)

    def approx_distinct(self, *, window: str, by: "By | None" = None, where: Where = ()) -> Aggregate:
        """About how many different values there are: mostly within 5 % (2.3 % standard error), for keys with very many
        facts. The window starts up to a day, an hour or five minutes early, as `Aggregate.hop_us` says.
        """
        return self._windowed("approx_distinct", window, by, where)

    def last_n(self, n: int, *, window: str, by: "By | None" = None, where: Where = ()) -> Aggregate:
        """The values of the newest facts in `[t - window, t)` that have one, the newest first, `n` at most. Of text and
        numbers."""
        return self._windowed("last_n", window, by, where, n=_how_many(n))

    def top_k(self, k: int, *, window: str, by: "By | None" = None, where: Where = ()) -> Aggregate:
        """The most frequent values in `[t - window, t)`, the most frequent first, `k` at most; of equally frequent ones
        the least first. Of text and whole numbers.
        """
        return self._windowed("top_k", window, by, where, n=_how_many(k))

    def _windowed(self, kind: AggregateKind, window: str, by: "By | None", where: Where, **more: Any) -> Aggregate:
        refuse_kind(self.fact, self.schema, kind)
        return Aggregate(
            fact=self.fact,
            kind=kind,
            field=self.schema.name,
            window_us=parse_duration(window),
            by=key_name(by),
            where=conditions(where),
            **more,
        )

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> NoReturn:
            """Say why there is no `sum` of text; a type checker knows that there is none."""
            if name in OF_NUMBERS:
                refuse_kind(self.fact, self.schema, name)
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __repr__(self) -> str:
        """As it is written in code."""
        return f"{self.fact.name}.{self.schema.name}"


class Key(FieldReference, Generic[E]):
    """A field that names whom the fact is about: `tail: Key[Aircraft]`."""


class String(FieldReference):
    """Text."""


class Bool(FieldReference):
    """True or false."""


class Timestamp(FieldReference):
    """An instant, other than those when the fact happened and was known."""


class Bytes(FieldReference):
    """Bytes that nobody looks into: a picture, a signature. In text files, their base64."""


class Vector(FieldReference, Generic[E]):
    """So many 32-bit floats, all of them finite: `embedding: Vector[64]`; for type checkers, `Vector[Literal[64]]`."""

    if not TYPE_CHECKING:

        def __class_getitem__(cls, length: object) -> GenericAlias:
            """The length, in a form that evaluates wherever annotations do."""
            return _literal(cls, length)


class Enum(FieldReference, Generic[E]):
    """One of a few texts: `status: Enum["paid", "refused"]`; for type checkers, `Enum[Literal["paid", "refused"]]`.

    A class of Python's own `enum.Enum` whose values are texts may stand there, too.
    """

    if not TYPE_CHECKING:

        def __class_getitem__(cls, values: object) -> GenericAlias:
            """The values, in a form that evaluates wherever annotations do."""
            return _literal(cls, values)


class _Number(FieldReference):
    def __gt__(self, constant: float) -> Condition:
        """The condition that the field is above."""
        return Condition(field=self.schema.name, test=">", constants=(constant,))

    def __ge__(self, constant: float) -> Condition:
        """The condition that the field is not below."""
        return Condition(field=self.schema.name, test=">=", constants=(constant,))

    def __lt__(self, constant: float) -> Condition:
        """The condition that the field is below."""
        return Condition(field=self.schema.name, test="<", constants=(constant,))

    def __le__(self, constant: float) -> Condition:
        """The condition that the field is not above."""
        return Condition(field=self.schema.name, test="<=", constants=(constant,))

    def sum(self, *, window: str, by: "By | None" = None, where: Where = ()) -> Aggregate:
        """The sum over `[t - window, t)`: correctly rounded, whatever the order; null when there is nothing."""
        return self._windowed("sum", window, by, where)

    def mean(self, *, window: str, by: "By | None" = None, where: Where = ()) -> Aggregate:
        """The mean over `[t - window, t)`; null when there is nothing."""
        return self._windowed("mean", window, by, where)

    def std(self, *, window: str, by: "By | None" = None, where: Where = ()) -> Aggregate:
        """The standard deviation of a sample, over `[t - window, t)`; null below two values."""
        return self._windowed("std", window, by, where)

    def min(self, *, window: str, by: "By | None" = None, where: Where = ()) -> Aggregate:
        """The least value in `[t - window, t)`."""
        return self._windowed("min", window, by, where)

    def max(self, *, window: str, by: "By | None" = None, where: Where = ()) -> Aggregate:
        """The greatest value in `[t - window, t)`."""
        return self._windowed("max", window, by, where)

    def quantile(self, q: float, *, window: str, by: "By | None" = None, where: Where = ()) -> Aggregate:
        """The value of rank ceil(q n) among the n in `[t - window, t)`: exact, and always one that occurred."""
        if not 0.0 < q <= 1.0:
            raise BadDefinition(f"{q!r} is no quantile.", next_step="Give a number above 0 and at most 1, like 0.95.")
        return self._windowed("quantile", window, by, where, q=q)

    def approx_quantile(self, q: float, *, window: str, by: "By | None" = None, where: Where = ()) -> Aggregate:
        """A number within 1 % of the value of rank ceil(q n), for keys with very many facts. The window starts up to a
        day, an hour or five minutes early, as `Aggregate.hop_us` says.
        """
        return dataclasses.replace(self.quantile(q, window=window, by=by, where=where), kind="approx_quantile")

    def decayed_mean(self, *, half_life: str, window: str, by: "By | None" = None, where: Where = ()) -> Aggregate:
        """The mean over `[t - window, t)` in which the weight of a fact halves with every `half_life` of its age."""
        return self._windowed("decayed_mean", window, by, where, half_life_us=parse_duration(half_life))

    def next(self, *, within: str, by: "By | None" = None) -> "Next":
        """The value in the first fact after the instant, no later than `within`: for labels. Compare it: `> 15`."""
        return Next(Label(fact=self.fact, field=self.schema.name, within_us=parse_duration(within), by=key_name(by)))


class Float(_Number):
    """A 64-bit number. NaN is a value; null is the absence of one."""


class Int(_Number):
    """A whole number of 64 bits, with sign."""


class Next:
    """A value looked up forward, which becomes a label."""

    def __init__(self, label: Label) -> None:
        """Ask for the value itself."""
        self.label = label

    def __gt__(self, threshold: float) -> Label:
        """True where the value is above."""
        return self._compared(">", threshold)

    def __ge__(self, threshold: float) -> Label:
        """True where the value is not below."""
        return self._compared(">=", threshold)

    def __lt__(self, threshold: float) -> Label:
        """True where the value is below."""
        return self._compared("<", threshold)

    def __le__(self, threshold: float) -> Label:
        """True where the value is not above."""
        return self._compared("<=", threshold)

    def _compared(self, comparison: Comparison, threshold: float) -> Label:
        return dataclasses.replace(self.label, comparison=comparison, threshold=float(threshold))


def _how_many(n: int) -> int:
    if isinstance(n, bool) or not 1 <= n <= _LONGEST_LIST or n != int(n):
        raise BadDefinition(f"A list of {n!r} values.", next_step=f"Give a whole number from 1 to {_LONGEST_LIST:,}.")
    return int(n)


By = FieldReference | tuple[FieldReference, ...]
"""The key that a question goes by, or several taken together."""


def key_name(by: By | None) -> str | None:
    """The name of the key that a question goes by, of several their names joined; refuses a field that is no key."""
    if by is None:
        return None
    keys = by if isinstance(by, tuple) else (by,)
    if not keys:
        raise BadDefinition("() is no key.", next_step="Ask by at least one field declared as Key[...].")
    for key in keys:
        if not isinstance(key, Key):
            raise BadDefinition(f"{key!r} is no key.", next_step="Ask by a field declared as Key[...].")
    return compose_names(key.schema.name for key in keys)


def conditions(where: Where) -> tuple[Condition, ...]:
    """One condition or several, all of which must hold."""
    return (where,) if isinstance(where, Condition) else tuple(where)


def _literal(origin: type, said: object) -> GenericAlias:
    """`Enum["a", "b"]` as `Enum[Literal["a", "b"]]`: a bare text in brackets would be read as the name of a type."""
    given = said if isinstance(said, tuple) else (said,)
    plain = all(isinstance(one, str | int) and not isinstance(one, PythonEnum) for one in given)
    return GenericAlias(origin, (Literal[given],) if given and plain else given)

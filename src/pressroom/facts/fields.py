"""Fields of a fact class: what `Landing.delay` is, and what can be asked of it."""

import dataclasses
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pressroom.facts.aggregate import Aggregate, Comparison, Label
from pressroom.facts.errors import BadDefinition
from pressroom.values import FactSchema, FieldSchema, parse_duration

E = TypeVar("E")


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldOptions:
    """What `field(...)` was given, until the class is complete."""

    doc: str
    unit: str
    optional: bool
    labels: tuple[str, ...]


def field(*, doc: str = "", unit: str = "", optional: bool = False, labels: tuple[str, ...] = ()) -> Any:
    """Say more about a field: `delay: Float = field(unit="min", doc="actual minus scheduled arrival")`.

    `optional` lets it be null; `labels` are what policy rules speak of, such as "pii".
    """
    return FieldOptions(doc=doc, unit=unit, optional=optional, labels=labels)


class FieldReference:
    """A field of a fact type, to build questions from."""

    def __init__(self, fact: FactSchema, schema: FieldSchema) -> None:
        """Point at `schema` in `fact`."""
        self.fact = fact
        self.schema = schema

    def last(self, *, ttl: str | None = None, by: "FieldReference | None" = None) -> Aggregate:
        """The value in the newest fact known at the instant, if that is no older than `ttl` (None: however old)."""
        return Aggregate(fact=self.fact, kind="last", field=self.schema.name, ttl_us=_duration(ttl), by=key_name(by))

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


class _Number(FieldReference):
    def sum(self, *, window: str, by: FieldReference | None = None) -> Aggregate:
        """The sum over `[t - window, t)`: correctly rounded, whatever the order; null when there is nothing."""
        return self._windowed("sum", window, by)

    def mean(self, *, window: str, by: FieldReference | None = None) -> Aggregate:
        """The mean over `[t - window, t)`; null when there is nothing."""
        return self._windowed("mean", window, by)

    def next(self, *, within: str, by: FieldReference | None = None) -> "Next":
        """The value in the first fact after the instant, no later than `within`: for labels. Compare it: `> 15`."""
        return Next(Label(fact=self.fact, field=self.schema.name, within_us=parse_duration(within), by=key_name(by)))

    def _windowed(self, kind: Any, window: str, by: FieldReference | None) -> Aggregate:
        return Aggregate(
            fact=self.fact, kind=kind, field=self.schema.name, window_us=parse_duration(window), by=key_name(by)
        )


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


def key_name(by: FieldReference | None) -> str | None:
    """The name of the key that a question goes by; refuses a field that is no key."""
    if by is None:
        return None
    if not isinstance(by, Key):
        raise BadDefinition(f"{by!r} is no key.", next_step="Ask by a field declared as Key[...].")
    return by.schema.name


def _duration(text: str | None) -> int | None:
    return None if text is None else parse_duration(text)

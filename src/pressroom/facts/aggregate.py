"""The language in which facts are asked: aggregates look back, next looks forward."""

from dataclasses import dataclass, replace
from typing import Literal

from msgspec import UNSET, UnsetType

from pressroom.facts.condition import Comparison, Condition
from pressroom.values import MICROSECONDS, FactSchema, FieldSchema, FieldType, format_duration, parts_of

AggregateKind = Literal[
    "count", "sum", "mean", "std", "min", "max", "first", "distinct", "quantile", "decayed_mean", "last", "age",
    "last_n", "top_k", "approx_distinct", "approx_quantile",
]  # fmt: skip
_WHOLE: frozenset[AggregateKind] = frozenset(("count", "distinct", "approx_distinct"))
_SKETCHES: frozenset[AggregateKind] = frozenset(("approx_distinct", "approx_quantile"))
_DAY_US, _HOUR_US, _MINUTE_US = 86_400 * MICROSECONDS, 3_600 * MICROSECONDS, 60 * MICROSECONDS
_AS_SOURCE: frozenset[AggregateKind] = frozenset(("min", "max", "first", "last", "quantile"))
_LISTS: dict[FieldType, FieldType] = {"int": "ints", "float": "floats", "string": "strings"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate:
    """One number (or word, or short list of them) about the past of an entity, as of an instant t.

    Over the facts with `t - window <= event < t`: count (of facts; of nothing it is 0); sum and mean (correctly
    rounded); std (of a sample, null below two values); min and max; quantile (the value of rank ceil(q n), so always
    one that occurred); distinct (how many different values); decayed_mean (weights halve with every `half_life` of
    age); first (the value in the earliest fact). Null values are passed over, but for count and first; of no value
    everything but count and distinct is null; NaN makes sum, mean, std, min, max, quantile and decayed_mean NaN.
    last_n: the values of the newest facts, the newest first (of several at one instant the one known last, then the one
    appended last), NaN like any other; top_k: the most frequent values, of equally frequent ones the least first (text
    by code points). Both give `n` values at most, and of no value an empty list.
    approx_distinct and approx_quantile are within some per cent of distinct and quantile, and are kept online in little
    room however many facts there are; their window starts up to one `hop_us` earlier, at floor(t - window, hop).
    last: the field of the newest fact with `event <= t`; age: how many seconds ago that fact happened. Both are null
    when it is older than `ttl`. Always only facts with `known <= t` that satisfy all conditions in `where`.
    """

    fact: FactSchema
    kind: AggregateKind
    field: str | None = None
    window_us: int | None = None
    ttl_us: int | None = None
    by: str | None = None
    """Which key of the fact names the entity, or which keys, joined with "+"; None while there is only one choice."""
    where: tuple[Condition, ...] = ()
    q: float | None = None
    half_life_us: int | None = None
    n: int | UnsetType = UNSET
    """How many values last_n and top_k give at most. Unset, it is no part of the document."""

    def hop_us(self) -> int | None:
        """Of a sketch: of what the start of its window is a whole multiple. A day (of UTC) from 12 days on, an hour
        from 12 hours on, else five minutes. None: it starts where it starts.
        """
        if self.kind not in _SKETCHES or self.window_us is None:
            return None
        if self.window_us >= 12 * _DAY_US:
            return _DAY_US
        return _HOUR_US if self.window_us >= 12 * _HOUR_US else 5 * _MINUTE_US

    def columns(self) -> tuple[str, ...]:
        """The fields of the fact that it reads, the entity's key or keys first."""
        named = (*parts_of(self.by or ""), self.field, *(condition.field for condition in self.where))
        return tuple(dict.fromkeys(name for name in named if name))

    def meaning(self) -> "Aggregate":
        """The aggregate without words, labels and fields that it does not read: two of one meaning answer the same."""
        read = [self.fact.field(name) for name in self.columns()]
        bare = tuple(
            FieldSchema(name=f.name, type=f.type, unit=f.unit, entity=f.entity, length=f.length)
            for f in read
            if f is not None
        )
        return replace(self, fact=FactSchema(name=self.fact.name, doc="", fields=bare))

    def result(self, name: str) -> FieldSchema:
        """What comes out, as a field called `name`, with the labels of what it was made from. Null for a null key."""
        source = self.fact.field(self.field) if self.field else None
        kind: FieldType = "int" if self.kind in _WHOLE else "float"
        picked = source if self.kind in _AS_SOURCE else None
        if picked is not None:
            kind = picked.type
        elif self.n is not UNSET and source is not None:
            kind = _LISTS[source.type]
        read = [self.fact.field(column) for column in self.columns()]
        units = {"count": self.fact.name, "distinct": "", "approx_distinct": "", "age": "s"}
        return FieldSchema(
            name=name,
            type=kind,
            doc=self.words(),
            unit=units.get(self.kind, source.unit if source else ""),
            optional=True,
            labels=tuple(sorted({label for field in read if field is not None for label in field.labels})),
            values=UNSET if picked is None else picked.values,
            length=self.n if picked is None else picked.length,
        )

    def words(self) -> str:
        """The aggregate as a phrase."""
        what = f"{self.fact.name}.{self.field}" if self.field else self.fact.name
        kind = self.kind.replace("_", " ")
        if self.q is not None:
            kind = kind.replace("quantile", f"{self.q:g} quantile")
        if self.n is not UNSET:
            kind = f"{kind.split()[0]} {self.n}"
        if self.half_life_us is not None:
            kind = f"{kind} (half-life {format_duration(self.half_life_us)})"
        only = f" where {' and '.join(condition.words() for condition in self.where)}" if self.where else ""
        if self.window_us is not None:
            return f"{kind} of {what}{only} over {format_duration(self.window_us)}"
        limit = f", at most {format_duration(self.ttl_us)} old" if self.ttl_us else ""
        return f"{kind} of {what}{only}{limit}" if self.kind == "age" else f"{kind} {what}{only}{limit}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A question about the future of an entity, as of t: does `field` of its next fact compare so with `threshold`?

    The next fact is the first with `t < event <= t + within`. Without one the answer is null, and so it is while a
    value is not known yet. `comparison` None asks for the value itself.
    """

    fact: FactSchema
    field: str
    within_us: int
    by: str | None = None
    comparison: Comparison | None = None
    threshold: float = 0.0

    def words(self) -> str:
        """The label as a phrase."""
        test = f" {self.comparison} {self.threshold:g}" if self.comparison else ""
        return f"next {self.fact.name}.{self.field} within {format_duration(self.within_us)}{test}"

    def result(self) -> FieldSchema:
        """What comes out, as a field called `label`."""
        source = self.fact.field(self.field)
        return FieldSchema(
            name="label",
            type="float",
            doc=self.words(),
            unit="" if self.comparison or source is None else source.unit,
            optional=True,
            labels=source.labels if source else (),
        )

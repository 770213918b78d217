"""The language in which facts are asked: aggregates look back, next looks forward."""

from dataclasses import dataclass
from typing import Literal

from pressroom.values import FactSchema, FieldSchema, FieldType, format_duration

AggregateKind = Literal["count", "sum", "mean", "last", "age"]
Comparison = Literal[">", ">=", "<", "<="]


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate:
    """One number (or word) about the past of an entity, as of an instant t.

    count, sum, mean: over the facts with `t - window <= event < t`; count of nothing is 0, sum and mean are null. A
    null value counts for `count`, not for `sum` and `mean`.
    last: the field of the newest fact with `event <= t`; age: how many seconds ago that fact happened. Both are null
    when it is older than `ttl`. Always only facts with `known <= t`.
    """

    fact: FactSchema
    kind: AggregateKind
    field: str | None = None
    window_us: int | None = None
    ttl_us: int | None = None
    by: str | None = None
    """Which key of the fact names the entity; None while there is only one that could."""

    def result(self, name: str) -> FieldSchema:
        """What comes out, as a field called `name`, with the labels of what it was made from. Null for a null key."""
        source = self.fact.field(self.field) if self.field else None
        types: dict[AggregateKind, FieldType] = {"count": "int", "sum": "float", "mean": "float", "age": "float"}
        units = {"count": self.fact.name, "age": "s"}
        return FieldSchema(
            name=name,
            type=types.get(self.kind) or (source.type if source else "float"),
            doc=self.words(),
            unit=units.get(self.kind) or (source.unit if source else ""),
            optional=True,
            labels=source.labels if source else (),
        )

    def words(self) -> str:
        """The aggregate as a phrase."""
        what = f"{self.fact.name}.{self.field}" if self.field else self.fact.name
        if self.window_us is not None:
            return f"{self.kind} of {what} over {format_duration(self.window_us)}"
        limit = f", at most {format_duration(self.ttl_us)} old" if self.ttl_us else ""
        return f"{self.kind} of {what}{limit}" if self.kind == "age" else f"{self.kind} {what}{limit}"


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

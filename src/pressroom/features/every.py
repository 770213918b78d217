"""Spines without an entity frame: every change of some features, and every entity at every period."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from pressroom.facts import Aggregate, entity_name
from pressroom.features.errors import BadSpine
from pressroom.features.view import FeatureView, View
from pressroom.values import (
    FactSchema,
    FieldSchema,
    Instant,
    format_duration,
    format_instant,
    parse_duration,
    parse_instant,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EveryChange:
    """One row for each instant in `[since, until)` at which a fact that arrives can change a feature of an entity.

    That is when a fact can first be seen: once it happened and is known (a window counts it one microsecond after it
    happened, at the earliest), and when it is taken back. That facts leave windows again makes no rows.
    """

    views: tuple[View, ...]
    since: Instant
    until: Instant

    @property
    def fact(self) -> FactSchema:
        """The rows as if they were facts."""
        return _as_fact("every_change", self.views)

    def words(self) -> str:
        """The spine as a phrase."""
        return f"every change of {' and '.join(view.name for view in self.views)}{_period(self.since, self.until)}"

    def identity(self) -> object:
        """What the rows depend on."""
        return ("every_change", [view.digest() for view in self.views], self.since, self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class EveryPeriod:
    """One row for each entity at `since`, `since + period` ... before `until`, from when a fact about it is known.

    An entity is not there before: rows about somebody of whom nobody had heard yet would know the future. The facts are
    those of `views`, which are settled with the question where they are empty.
    """

    entity: str
    period_us: int
    since: Instant
    until: Instant
    views: tuple[View, ...] = ()

    @property
    def fact(self) -> FactSchema:
        """The rows as if they were facts."""
        return _as_fact(f"every_{self.entity}", self.views)

    def words(self) -> str:
        """The spine as a phrase."""
        return f"every {self.entity} every {format_duration(self.period_us)}{_period(self.since, self.until)}"

    def identity(self) -> object:
        """What the rows depend on."""
        views = [view.digest() for view in self.views]
        return ("every_period", self.entity, self.period_us, views, self.since, self.until)

    def of(self, asked: Iterable[object]) -> "EveryPeriod":
        """The spine with its views settled: those of its entity among what is asked."""
        found: dict[str, View] = {}
        for part in asked:
            view = getattr(part, "view", None)
            if isinstance(view, View) and view.entity == self.entity:
                found[view.name] = view
        if not found:
            raise BadSpine(
                f"Nothing that is asked is about {self.entity}, so nobody knows which there are.",
                next_step=f"Ask for a feature view of {self.entity}.",
            )
        return replace(self, views=tuple(found.values()))


def every_change(*views: type[FeatureView], since: str, until: str) -> EveryChange:
    """One row for each instant at which the features of an entity can change through a fact that arrives:
    `every_change(Punctuality, since="2025-03-01T00:00Z", until="2025-04-01T00:00Z")`. Several views are of one entity.
    """
    entities = sorted({view.view.entity for view in views})
    if len(entities) != 1:
        raise BadSpine(
            f"These views are of {' and '.join(entities) or 'nothing'}.", next_step="Name views of one entity."
        )
    start, end = _reach(since, until)
    return EveryChange(views=tuple(view.view for view in views), since=start, until=end)


def every(period: str, *, of: object, since: str, until: str) -> EveryPeriod:
    """One row for each entity at every period: `every("1d", of=Aircraft, since=..., until=...)`, instants with a zone.

    The entities are those that the facts behind the asked views name, each from the instant at which that is known.
    """
    start, end = _reach(since, until)
    return EveryPeriod(entity=entity_name(of), period_us=parse_duration(period), since=start, until=end)


def sources(views: Sequence[View]) -> list[tuple[FactSchema, str, list[Aggregate]]]:
    """The facts that views look at, each with the key that names the entity and what is asked of it."""
    found: dict[tuple[str, str], tuple[FactSchema, str, list[Aggregate]]] = {}
    for view in views:
        for feature in view.features:
            asked = feature.aggregate
            found.setdefault((asked.fact.name, asked.by or ""), (asked.fact, asked.by or "", []))[2].append(asked)
    return list(found.values())


def _as_fact(name: str, views: Sequence[View]) -> FactSchema:
    """A type whose only key is the entity, called as the facts call it if they agree, so that labels find it."""
    entity = views[0].entity if views else ""
    called = {by for _, by, _ in sources(views)}
    key = called.pop() if len(called) == 1 else entity
    fields = (FieldSchema(name=key, type="string", entity=entity),) if views else ()
    return FactSchema(name=name, doc="", fields=fields)


def _reach(since: str, until: str) -> tuple[Instant, Instant]:
    start, end = parse_instant(since), parse_instant(until)
    if start >= end:
        raise BadSpine(f"Nothing lies between {since} and {until}.", next_step="Give since < until.")
    return start, end


def _period(since: Instant, until: Instant) -> str:
    return f" from {format_instant(since)} to {format_instant(until)}"

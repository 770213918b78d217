"""Feature views: named features of one entity."""

import inspect
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from msgspec import UNSET, UnsetType

from pressroom.facts import Aggregate, By, FieldReference, entity_names, key_name
from pressroom.features.errors import BadView
from pressroom.features.formulas.columns import Value
from pressroom.features.formulas.derivation import Derivation
from pressroom.features.formulas.derived import Derived, try_out
from pressroom.features.formulas.formula import AS_OF
from pressroom.features.formulas.in_view import derive_in_view
from pressroom.features.formulas.record import Made, made_of
from pressroom.features.link import Link, link_through
from pressroom.features.settle_key import choices_in_words, settle_key
from pressroom.values import (
    Digest,
    FactSchema,
    FieldSchema,
    check_name,
    digest_document,
    parse_duration,
    parts_of,
    snake_case,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """A feature and the aggregate that defines it; `aggregate.by` is settled."""

    name: str
    aggregate: Aggregate


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Named features of one entity, as data: it can be stored, hashed and answered without the class it came from.

    `entity` joins the names of several with "+" where the features belong to all of them together.
    `intent` says what it may be relied on for; `freshness_us` and `availability` (a share of requests) are what its
    owner promises to those who use it; None promises nothing.
    """

    name: str
    entity: str
    owner: str
    doc: str
    features: tuple[Feature, ...]
    intent: str = ""
    freshness_us: int | None = None
    availability: float | None = None
    derived: tuple[Derivation, ...] | UnsetType = UNSET
    """Worked out from its features. Unset, it is no part of the document: views without any stay as they were."""

    def digest(self) -> Digest:
        """What identifies the answers: the features and what they are made of, not the owner, words or promises."""
        made = [replace(each.aggregate, fact=each.aggregate.fact.unchecked()) for each in self.features]
        named = [(feature.name, aggregate) for feature, aggregate in zip(self.features, made, strict=True)]
        if self.derived is UNSET:
            return digest_document((self.entity, named))
        return digest_document((self.entity, named, [(each.name, each.formula, each.unit) for each in self.derived]))

    def derivations(self) -> tuple[Derivation, ...]:
        """Its derived features, whose formulas have its other features by their names as inputs."""
        return () if self.derived is UNSET else self.derived

    def facts(self) -> tuple[FactSchema, ...]:
        """The fact types that it is made from."""
        return tuple({feature.aggregate.fact.name: feature.aggregate.fact for feature in self.features}.values())

    def meaning(self, derivation: Derivation) -> Digest:
        """What identifies the answers of one of its derived features: the formula, and what its inputs are."""
        inputs = derivation.formula.inputs()
        asked = [(each.name, each.aggregate.meaning()) for each in self.features if each.name in inputs]
        return digest_document((self.entity, derivation.formula, derivation.unit, asked))

    def behind(self, name: str) -> tuple[Feature, ...]:
        """The features that one of its features is made of: itself, or what it is derived from."""
        inputs = {name}.union(*(each.formula.inputs() for each in self.derivations() if each.name == name))
        return tuple(feature for feature in self.features if feature.name in inputs)

    def names(self) -> list[str]:
        """Its features by name, the derived ones last."""
        return [each.name for each in (*self.features, *self.derivations())]

    def results(self) -> tuple[FieldSchema, ...]:
        """What comes out: one field a feature, named `view.feature`; the derived ones last."""
        plain = tuple(feature.aggregate.result(f"{self.name}.{feature.name}") for feature in self.features)
        return (*plain, *(each.result(f"{self.name}.{each.name}") for each in self.derivations()))


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundView:
    """A view, and the column of the asking rows that holds its entity (None until the spine settles it).

    With `links`, the column holds another entity, from which they lead to the view's, the first one first. `alias` is
    what its features are called by in the place of the view's name; empty for that name.
    """

    view: View
    key: str | None = None
    links: tuple[Link, ...] = ()
    alias: str = ""

    def entity(self) -> str:
        """Whom the asking rows have to name."""
        return self.links[0].entity() if self.links else self.view.entity

    def on(self, *keys: FieldReference, as_: str = "") -> "BoundView":
        """The same of the entity in a certain column: `Punctuality.through(Assigned.tail).on(Scheduled.flight)`."""
        return replace(self, key=key_name(keys), alias=_alias(as_) or self.alias)

    def through(
        self, *fields: FieldReference, ttl: str | None = None, by: By | None = None, as_: str = ""
    ) -> "BoundView":
        """The same of the entity that a fact about another one names: one link more, nearer to the asking rows."""
        link = link_through(fields, ttl=ttl, by=by)
        if self.key is not None:
            raise BadView(
                f"{self.view.name} goes by {self.key} already.", next_step="Say first through what, then on which key."
            )
        if link.leads_to() != self.entity():
            raise BadView(
                f"{link.fact.name}.{link.fields} leads to {link.leads_to()}, and {self.view.name} wants "
                f"{self.entity()} there.",
                next_step=f"Go through a key of {self.entity()}.",
            )
        return replace(self, links=(link, *self.links), alias=_alias(as_) or self.alias)

    def __getattr__(self, name: str) -> "FeatureReference":
        """One of its features, to derive others from: `Weather.on(Scheduled.dest).temp`."""
        names = [] if name.startswith("__") else self.view.names()
        if name not in names:
            raise AttributeError(
                f"{self.view.name if names else 'A view'} has no feature {name!r}: {', '.join(names)}."
            )
        return FeatureReference(view=self.view, name=name, key=self.key, links=self.links, alias=self.alias)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureReference:
    """A feature of a view, to derive others from; `key`, `links` and `alias` as in BoundView."""

    view: View
    name: str
    key: str | None = None
    links: tuple[Link, ...] = ()
    alias: str = ""

    def __repr__(self) -> str:
        """As it is written, near enough."""
        return self._called(self.name)

    @property
    def aggregate(self) -> Aggregate | None:
        """What defines it, if it is not derived."""
        return next((each.aggregate for each in self.view.features if each.name == self.name), None)

    @property
    def schema(self) -> FieldSchema:
        """Its type, unit and labels, and the kind of thing whose names it looks up, if it does."""
        name = f"{self.view.name}.{self.name}"
        if self.aggregate is not None:
            return replace(self.aggregate.result(name), entity=names_of(self.aggregate))
        return self._derivation().result(name)

    def made(self) -> Made:
        """Itself; of a derived feature, its formula."""
        if self.aggregate is not None:
            return made_of(self._called(self.name), self)
        derivation = self._derivation()
        names = [name for name in derivation.formula.inputs() if name != AS_OF]
        return Made(
            formula=derivation.formula.renamed({name: self._called(name) for name in names}),
            leaves={self._called(name): replace(self, name=name) for name in names},
        )

    def __call__(self, **columns: Sequence[Value]) -> list[Value]:
        """Try a derived feature: values of what it is worked out from by name, a list each."""
        if self.aggregate is not None:
            raise BadView(f"{self.view.name}.{self.name} is asked of facts.", next_step="Ask it in a question.")
        return try_out(self.name, self._derivation().formula, columns)

    def _derivation(self) -> Derivation:
        return next(each for each in self.view.derivations() if each.name == self.name)

    def _called(self, name: str) -> str:
        way = [self.key] if self.key is not None else []
        return "@".join((f"{self.alias or self.view.name}.{name}", *way, *(link.name() for link in self.links)))


def names_of(aggregate: Aggregate) -> str | None:
    """The kind of thing whose names an aggregate gives."""
    source = aggregate.fact.field(aggregate.field or "")
    return source.entity if source is not None and aggregate.result("").type == "string" else None


class FeatureView:
    """Features of one entity: `class Punctuality(FeatureView, entity=Aircraft, owner="ops-ml")`; or of several taken
    together: `entity=(Airport, Carrier)`.

    Attributes that are aggregates are its features, and functions with `@derived` those that are worked out from them.
    Defining a class changes nothing in any workspace. Other teams may
    use it once it is promoted, which takes a docstring, an owner, `intent="..."` and two promises: `freshness="2h"`
    (the newest fact behind it is known no longer ago) and `availability=0.999` (the share of requests it is there for).
    """

    view: ClassVar[View]

    def __init_subclass__(
        cls,
        *,
        entity: object,
        owner: str = "",
        intent: str = "",
        freshness: str | None = None,
        availability: float | None = None,
        **options: Any,
    ) -> None:
        """Work out the view."""
        super().__init_subclass__(**options)
        name = check_name(snake_case(cls.__name__), what="a feature view")
        whom = entity_names(entity)
        aggregates = _aggregates(cls)
        if not aggregates:
            raise BadView(
                f"{cls.__name__} has no features.", next_step="Set attributes to aggregates: Fact.count(...)."
            )
        cls.view = View(
            name=name,
            entity=whom,
            owner=owner,
            doc=inspect.cleandoc(cls.__doc__ or ""),
            features=tuple(
                Feature(name=check_name(key, what="a feature"), aggregate=_settled(f"{name}.{key}", aggregate, whom))
                for key, aggregate in aggregates.items()
            ),
            intent=" ".join(intent.split()),
            freshness_us=None if freshness is None else parse_duration(freshness),
            availability=None if availability is None else _share(name, availability),
        )
        derived = [(key, value) for key, value in cls.__dict__.items() if isinstance(value, Derived)]
        if derived:
            own = {key: FeatureReference(view=cls.view, name=key).schema for key in aggregates}
            cls.view = replace(cls.view, derived=derive_in_view(name, own, aggregates, derived))
        for key in (*aggregates, *(key for key, _ in derived)):
            setattr(cls, key, FeatureReference(view=cls.view, name=key))

    @classmethod
    def on(cls, *keys: FieldReference, as_: str = "") -> BoundView:
        """This view of the entity in a certain column, `OriginWeather.on(Scheduled.origin)`; of several taken together,
        a column for each, in the order of the view's entities: `RouteDelay.on(Scheduled.origin, Scheduled.carrier)`.

        `as_` is what its features are called by in the place of the view's name, where a view is asked more than once.
        """
        return BoundView(view=cls.view).on(*keys, as_=as_)

    @classmethod
    def through(cls, *fields: FieldReference, ttl: str | None = None, by: By | None = None, as_: str = "") -> BoundView:
        """This view of the entity that the newest fact about another one names: `Punctuality.through(Assigned.tail)`
        asks about the aircraft of a flight. A fact older than `ttl` names nobody. `by` says which key of the fact names
        the other one, where there are several. Links can be chained: `.through(Owned.operator).through(Assigned.tail)`.
        """
        return BoundView(view=cls.view).through(*fields, ttl=ttl, by=by, as_=as_)


def _alias(name: str) -> str:
    if name and "." in name:
        raise BadView(f"{name!r} can't stand in the place of a view's name.", next_step="Leave out the dots.")
    return check_name(name, what="a view") if name else ""


def _aggregates(cls: type) -> dict[str, Aggregate]:
    """What a class sets to aggregates, or to those of another view."""
    found: dict[str, Aggregate] = {}
    for key, value in cls.__dict__.items():
        aggregate = value.aggregate if isinstance(value, FeatureReference) else value
        if isinstance(aggregate, Aggregate):
            found[key] = aggregate
    return found


def _share(name: str, availability: float) -> float:
    if isinstance(availability, bool) or not 0.0 < availability <= 1.0:
        raise BadView(
            f"{name} promises an availability of {availability!r}.",
            next_step="Give a share of requests above 0 and at most 1: availability=0.999.",
        )
    return float(availability)


def _settled(name: str, aggregate: Aggregate, entity: str) -> Aggregate:
    """The aggregate with its key named."""
    fact, by = aggregate.fact, settle_key(aggregate.fact, entity, aggregate.by)
    if by is not None:
        return replace(aggregate, by=by)
    there = choices_in_words(fact, entity)
    several = len(parts_of(entity)) > 1
    if aggregate.by is not None:
        raise BadView(
            f"{name} goes by {aggregate.by}, which names no {entity}.",
            next_step=f"Go by {there}, in this order." if several else f"Go by one of {there}.",
        )
    if several:
        raise BadView(
            f"{name}: {fact.name} does not name exactly one key for each part of {entity}: {there}.",
            next_step=f"Say which ones, in this order, with by=({fact.name}.<key>, ...).",
        )
    raise BadView(
        f"{name}: {fact.name} names {there.count(',') + 1 if there != 'none' else 0} {entity} keys ({there}).",
        next_step=f"Say which one with by={fact.name}.<key>.",
    )

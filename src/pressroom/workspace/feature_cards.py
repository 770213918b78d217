"""Cards: what the catalog, the definitions and the facts say about each feature, side by side."""

from collections.abc import Iterator, Sequence

import pyarrow.compute as pc

from pressroom.catalog import Catalog, FeatureCard
from pressroom.facts import Facts
from pressroom.features import Uses, View, reference_to, uses_of, words_of
from pressroom.values import MICROSECONDS, FactSchema, Instant

_NOBODY = Uses(owners=(), whats=(), last=0)


def feature_cards(views: Sequence[View], *, facts: Facts, catalog: Catalog) -> list[FeatureCard]:
    """One card a feature, in the order of the views."""
    now = facts.now()
    made_from = {fact.name: fact for view in views for fact in view.facts()}
    newest = {name: _newest_known(fact, facts, now) for name, fact in made_from.items()}
    uses = uses_of(facts)
    cards: list[FeatureCard] = []
    for view in views:
        stage = catalog.stages.of(reference_to(view))
        for name, result in zip(view.names(), view.results(), strict=True):
            use = uses.get((view.name, name), _NOBODY)
            behind = view.behind(name)
            made_of = tuple(dict.fromkeys(feature.aggregate.fact.name for feature in behind))
            times = [known for fact in made_of if (known := newest[fact]) is not None]
            known = min(times, default=None)
            cards.append(
                FeatureCard(
                    view=view.name,
                    feature=name,
                    entity=view.entity,
                    type=result.type,
                    unit=result.unit,
                    doc="; ".join(_written(view, name)),
                    about=view.doc,
                    facts=made_of,
                    labels=result.labels,
                    owner=view.owner,
                    stage=stage,
                    intent=view.intent,
                    freshness_s=None if view.freshness_us is None else view.freshness_us / MICROSECONDS,
                    availability=view.availability,
                    age_s=None if known is None else (now - known) / MICROSECONDS,
                    used_by=use.owners,
                    uses=use.whats,
                    last_used=use.last if use.whats else None,
                )
            )
    return cards


def _written(view: View, name: str) -> Iterator[str]:
    """The feature in words, and what is written about the field and the fact behind it, or the formula behind it."""
    for derivation in view.derivations():
        if derivation.name == name:
            yield from dict.fromkeys((derivation.words(), words_of(derivation.formula)))
            return
    (feature,) = view.behind(name)
    aggregate = feature.aggregate
    yield aggregate.words()
    field = aggregate.fact.field(aggregate.field) if aggregate.field else None
    if field is not None and field.doc:
        yield field.doc


def _newest_known(fact: FactSchema, facts: Facts, now: Instant) -> Instant | None:
    """When the newest fact that is known by now became known."""
    table, _ = facts.read(fact, ["known"])
    known = table.column("known").cast("int64")
    newest = pc.max(known.filter(pc.less_equal(known, now))).as_py()
    return None if newest is None else int(newest)

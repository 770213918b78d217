"""Visits of guests to places: facts and features for the law of parity. Together they use every kind of aggregate, a
composite key, a link, and derived features, one of which needs what nobody asks for.
"""

# ruff: noqa: N805, B008  (parameters of derived features are features)

from typing import get_args

import numpy as np

import pressroom as pr
from pressroom.facts import AggregateKind, Bool, Entity, Enum, Fact, Float, Int, Key, String, Vector, field
from pressroom.features import FeatureView, question_of


class Guest(Entity):
    """Somebody who visits."""


class Place(Entity):
    """Where somebody visits, or lives."""


class Visit(Fact):
    """A guest visited a place; not everything about it is always told."""

    guest: Key[Guest] = field(optional=True)
    place: Key[Place] = field(optional=True)
    spent: Float = field(optional=True)
    plates: Int = field(optional=True)
    dish: String = field(optional=True)
    taste: Vector[2] = field(optional=True)
    mood: Enum["calm", "cross"] = field(optional=True)  # noqa: F821
    happy: Bool = field(optional=True)


class Moved(Fact):
    """A guest moved to a place, or nobody knows where to."""

    guest: Key[Guest] = field(optional=True)
    home: Key[Place] = field(optional=True)


class Asked(Fact):
    """Somebody asks about a guest and a place."""

    guest: Key[Guest] = field(optional=True)
    place: Key[Place] = field(optional=True)
    price: Float = field(optional=True)


class Habit(FeatureView, entity=Guest):
    """Everything exact."""

    n_1h = Visit.count(window="1h")
    n_3h = Visit.count(window="3h")
    calm = Visit.count(window="3h", where=Visit.mood.equals("calm"))
    calm_spent = Visit.spent.last(ttl="2h", where=Visit.mood.equals("calm"))
    dear = Visit.spent.sum(window="3h", where=[Visit.spent > 1.0, Visit.dish.is_not_null()])
    spent = Visit.spent.sum(window="2h")
    mean = Visit.spent.mean(window="3h")
    std = Visit.spent.std(window="5h")
    least = Visit.plates.min(window="3h")
    most = Visit.spent.max(window="1h")
    first = Visit.dish.first(window="3h")
    dish = Visit.dish.last()
    fresh = Visit.spent.last(ttl="90min")
    taste = Visit.taste.last(ttl="4h")
    happy = Visit.happy.last()
    age = Visit.age()
    fresh_age = Visit.age(ttl="2h")
    dishes = Visit.dish.distinct(window="3h")
    amounts = Visit.spent.distinct(window="1h")
    half = Visit.spent.quantile(0.5, window="3h")
    fading = Visit.spent.decayed_mean(half_life="40min", window="5h")
    newest = Visit.dish.last_n(2, window="3h")
    often = Visit.dish.top_k(2, window="5h")
    usual = Visit.plates.top_k(2, window="5h")

    @pr.derived
    def per_visit(spent, n_3h):
        return spent / np.maximum(n_3h, 1)


class Rough(FeatureView, entity=Guest):
    """Sketches, of two lengths of hops."""

    dishes = Visit.dish.approx_distinct(window="3h")
    plates = Visit.plates.approx_distinct(window="13h")
    amounts = Visit.spent.approx_distinct(window="3h")
    half = Visit.spent.approx_quantile(0.5, window="3h")
    high = Visit.plates.approx_quantile(0.9, window="13h")


class Pair(FeatureView, entity=(Guest, Place)):
    """A guest at a place."""

    n = Visit.count(window="3h", by=(Visit.guest, Visit.place))
    spent = Visit.spent.sum(window="3h", by=(Visit.guest, Visit.place))
    last = Visit.dish.last(ttl="2h", by=(Visit.guest, Visit.place))
    moods = Visit.mood.distinct(window="3h", by=(Visit.guest, Visit.place))


class Spot(FeatureView, entity=Place):
    """A place: asked as such, and as where a guest lives."""

    n = Visit.count(window="3h")
    spent = Visit.spent.mean(window="2h")
    dishes = Visit.dish.top_k(1, window="3h")
    guests = Visit.guest.approx_distinct(window="1h")


class Usual(FeatureView, entity=Place):
    """What only a derived feature needs."""

    most = Visit.spent.max(window="3h")


@pr.derived
def too_dear(price=Asked.price, mean=Habit.mean, most=Usual.on(Asked.place).most):
    return (price > 2 * mean) | (price > most)


FEATURES = [Habit, Rough, Pair, Spot, Spot.through(Moved.home, ttl="4h").on(Asked.guest, as_="home"), too_dear]
QUESTION = question_of(Asked.schema, FEATURES)
KEPT = QUESTION.kept()
KINDS = frozenset(get_args(AggregateKind))
"""All that there are."""

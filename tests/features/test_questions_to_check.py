import pyarrow as pa
import pytest

from pressroom.facts import INSTANT, Entity, Fact, Float, Key, field
from pressroom.features import FeatureView
from pressroom.features.questions_to_check import questions_to_check

HOUR = 3_600_000_000
START = 1_357_000_000_000_000


class Rider(Entity):
    """Who rides."""


class Ride(Fact):
    """A ride."""

    rider: Key[Rider] = field(optional=True)
    guest: Key[Rider] = field(optional=True)
    fare: Float = field(optional=True)


class Habit(FeatureView, entity=Rider):
    """Two windows and a time to live."""

    fare_1h = Ride.fare.sum(window="1h", by=Ride.rider)
    rides_3h = Ride.count(window="3h", by=Ride.guest)
    fresh = Ride.fare.last(ttl="2h", by=Ride.rider)


def rides(riders, *, guests=None):
    count = len(riders)
    return {
        "ride": pa.table(
            {
                "event": pa.array([START + k * HOUR * 7 for k in range(count)], INSTANT),
                "known": pa.array([START + k * HOUR * 7 + 600_000_000 for k in range(count)], INSTANT),
                "seq": pa.array(range(count), pa.int64()),
                "rider": pa.array(riders, pa.string()),
                "guest": pa.array(guests or [None] * count, pa.string()),
            }
        )
    }


def asked(tables, samples=200, seed=0):
    return questions_to_check(Habit.view, tables, samples=samples, seed=seed)


def test_the_same_seed_asks_the_same_and_another_seed_something_else():
    tables = rides([f"r{k % 50}" for k in range(500)])
    assert asked(tables) == asked(tables)
    assert asked(tables) != asked(tables, seed=1)
    assert len(asked(tables)) == 200


def test_every_edge_of_some_fact_is_asked_about():
    tables = rides(["ann"])
    instants = {asking.as_of for asking in asked(tables, samples=40)}
    event, known = START, START + 600_000_000
    edges = [known, *(event + after for after in (0, HOUR, 2 * HOUR, 3 * HOUR))]
    assert {edge + beside for edge in edges for beside in (-1, 0, 1)} <= instants


def test_instants_are_spread_over_the_whole_time_of_the_data():
    tables = rides([f"r{k % 3}" for k in range(100)])
    length = 99 * 7 * HOUR
    tenths = {(asking.as_of - START) * 10 // length for asking in asked(tables)}
    assert tenths >= set(range(10))


def test_entities_by_every_key_are_asked_about_and_nobody_is_not():
    tables = rides(["ann", None, None], guests=[None, "bob", None])
    assert {asking.entity for asking in asked(tables)} == {"ann", "bob"}


@pytest.mark.parametrize("samples", [1, 2, 5, 37])
def test_as_many_are_asked_as_are_wanted_of_few_and_many_entities(samples):
    for count in (1, 3, 400):
        found = asked(rides([f"r{k}" for k in range(count)]), samples=samples)
        assert len(found) == samples


def test_an_entity_with_most_of_the_facts_is_among_those_asked_about():
    riders = ["busy"] * 900 + [f"r{k}" for k in range(900)]
    assert "busy" in {asking.entity for asking in asked(rides(riders), samples=20)}


def test_without_facts_there_is_nothing_to_ask():
    assert asked(rides([])) == []
    assert asked(rides([None])) == []

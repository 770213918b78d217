"""Views: what they are made of, what identifies them, what they refuse."""

import types

import pytest

from pressroom.facts import BadDefinition, Entity, Fact, Float, Key, Timestamp, field
from pressroom.features import BadView, FeatureView
from pressroom.values import InvalidInput


class Member(Entity):
    """Somebody."""


class City(Entity):
    """Somewhere."""


class Ride(Fact):
    """A member rode, sometimes with another."""

    rider: Key[Member]
    guest: Key[Member] = field(optional=True)
    city: Key[City]
    fare: Float = field(unit="EUR", labels=("money",))
    booked: Timestamp


def view(name="Habit", entity=Member, owner="", doc=None, **features):
    body = {**features, "__doc__": doc}
    made = types.new_class(name, (FeatureView,), {"entity": entity, "owner": owner}, lambda space: space.update(body))
    return made.view


def test_a_view_names_its_features_its_entity_and_its_owner():
    class HabitOfRiding(FeatureView, entity=Member, owner="ops-ml"):
        """How somebody rides."""

        rides = Ride.count(window="1h", by=Ride.rider)

    made = HabitOfRiding.view
    assert (made.name, made.entity, made.owner, made.doc) == (
        "habit_of_riding",
        "member",
        "ops-ml",
        "How somebody rides.",
    )
    assert [feature.name for feature in made.features] == ["rides"]


def test_an_only_key_is_found_without_being_named():
    made = view(entity=City, rides=Ride.count(window="1h"))
    assert made.features[0].aggregate.by == "city"


def test_results_have_type_unit_and_labels_of_what_they_are_made_from():
    made = view(
        rides=Ride.count(window="1h", by=Ride.rider),
        fare=Ride.fare.mean(window="1h", by=Ride.rider),
        booked=Ride.booked.last(by=Ride.rider),
        age=Ride.age(by=Ride.rider),
    )
    assert [(result.name, result.type, result.unit, result.labels, result.optional) for result in made.results()] == [
        ("habit.rides", "int", "ride", (), True),
        ("habit.fare", "float", "EUR", ("money",), True),
        ("habit.booked", "timestamp", "", (), True),
        ("habit.age", "float", "s", (), True),
    ]
    assert [result.doc for result in made.results()] == [
        "count of ride over 1h", "mean of ride.fare over 1h", "last ride.booked", "age of ride",
    ]  # fmt: skip


def test_a_view_is_the_same_whoever_owns_it_and_whatever_it_is_called():
    rides = Ride.count(window="1h", by=Ride.rider)
    same = {view(rides=rides).digest(), view(name="Other", owner="me", doc="Words.", rides=rides).digest()}
    assert len(same) == 1
    assert view(rides=Ride.count(window="60min", by=Ride.rider)).digest() in same


def test_a_view_is_another_with_another_window_key_field_name_or_order():
    fare = Ride.fare.sum(window="1h", by=Ride.rider)
    rides = Ride.count(window="1h", by=Ride.rider)
    views = [
        view(a=rides, b=fare),
        view(b=fare, a=rides),
        view(a=rides),
        view(a=Ride.count(window="2h", by=Ride.rider), b=fare),
        view(a=Ride.count(window="1h", by=Ride.guest), b=fare),
        view(a=rides, b=Ride.fare.mean(window="1h", by=Ride.rider)),
        view(a=rides, c=fare),
    ]
    assert len({made.digest() for made in views}) == len(views)


def test_a_key_of_another_entity_is_refused():
    with pytest.raises(BadView) as refused:
        view(rides=Ride.count(window="1h", by=Ride.city))
    assert refused.value.message == "habit.rides goes by city, which names no member."
    assert refused.value.next_step == "Go by one of rider, guest."


def test_an_ambiguous_key_is_refused():
    with pytest.raises(BadView) as refused:
        view(rides=Ride.count(window="1h"))
    assert refused.value.message == "habit.rides: ride names 2 member keys (rider, guest)."
    assert refused.value.next_step == "Say which one with by=ride.<key>."


def test_a_fact_that_names_no_such_entity_is_refused():
    with pytest.raises(BadView, match=r"habit\.rides: ride names 0 ship keys \(none\)\."):
        view(entity="ship", rides=Ride.count(window="1h"))


def test_a_view_without_features_is_refused():
    with pytest.raises(BadView) as refused:
        view()
    assert str(refused.value) == "Habit has no features. Set attributes to aggregates: Fact.count(...)."


def test_a_feature_that_goes_by_a_field_that_is_no_key_is_refused():
    with pytest.raises(BadDefinition) as refused:
        Ride.count(window="1h", by=Ride.fare)
    assert str(refused.value) == "ride.fare is no key. Ask by a field declared as Key[...]."


def test_an_entity_that_is_none_is_refused():
    with pytest.raises(BadDefinition, match="3 is no entity"):
        view(entity=3, rides=Ride.count(window="1h", by=Ride.rider))


def test_a_feature_with_a_name_that_columns_cannot_have_is_refused():
    with pytest.raises(InvalidInput, match="'Rides' can't name a feature"):
        view(Rides=Ride.count(window="1h", by=Ride.rider))


def test_a_feature_on_a_field_that_is_not_there_names_class_and_field():
    with pytest.raises(AttributeError, match=r"'Ride' has no attribute 'fair'"):
        Ride.fair.sum(window="1h")


def test_a_sum_of_what_is_no_number_cannot_be_written():
    with pytest.raises(BadDefinition, match=r"ride\.rider is a key, which has no sum"):
        Ride.rider.sum(window="1h")


@pytest.mark.parametrize("window", ["", "1", "h", "0h", "-1h", "1.5h", "1w", "1 hour", "200000000d"])
def test_a_window_that_is_no_duration_is_refused(window):
    with pytest.raises(InvalidInput, match="is no duration"):
        Ride.count(window=window)

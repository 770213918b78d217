"""Questions: how views are matched with the columns of the asking rows."""

import pytest

from pressroom.facts import Entity, Fact, Float, Key, String
from pressroom.features import BadView, FeatureView, question_of, request


class Member(Entity):
    """Somebody."""


class Ride(Fact):
    """A member rode."""

    rider: Key[Member]
    fare: Float


class Order(Fact):
    """A member ordered a ride, for another perhaps."""

    buyer: Key[Member]
    rider: Key[Member]
    price: Float
    words: String


class Call(Fact):
    """A member called."""

    caller: Key[Member]


class Storm(Fact):
    """Over a city."""

    city: Key["city"]  # noqa: F821
    price: String


class Habit(FeatureView, entity=Member):
    """How somebody rides."""

    rides = Ride.count(window="1h")


class Taste(FeatureView, entity=Member):
    """What somebody pays."""

    fare = Ride.fare.last()


def test_an_only_key_of_the_entity_is_taken():
    question = question_of(Call.schema, [Habit])
    assert [bound.key for bound in question.views] == ["caller"]
    assert [key.name for key in question.keys] == ["caller"]


def test_inputs_are_features_in_the_order_asked_and_then_request_fields():
    question = question_of(Order.schema, [request(Order.price), Taste.on(Order.buyer), Habit.on(Order.rider)])
    assert [field.name for field in question.inputs()] == ["taste.fare", "habit.rides", "price"]
    assert [key.name for key in question.keys] == ["buyer", "rider"]
    assert [fact.name for fact in question.facts()] == ["ride"]


def test_a_requested_key_comes_as_a_plain_field():
    (field,) = question_of(Order.schema, [request(Order.buyer)]).inputs()
    assert (field.name, field.entity) == ("buyer", None)


def test_keys_that_must_come_along_do():
    question = question_of(Order.schema, [Habit.on(Order.rider)], also=["buyer"])
    assert [key.name for key in question.keys] == ["buyer", "rider"]


def test_an_ambiguous_key_is_refused():
    with pytest.raises(BadView) as refused:
        question_of(Order.schema, [Habit])
    assert refused.value.message == "habit is of member, asked by no key in particular; order has buyer, rider."
    assert refused.value.next_step == "Say which with View.on(Spine.key)."


def test_a_spine_without_such_a_key_is_refused():
    with pytest.raises(BadView, match=r"habit is of member, asked by no key in particular; storm has none\."):
        question_of(Storm.schema, [Habit])


def test_a_key_of_another_fact_is_refused():
    with pytest.raises(BadView, match=r"asked by caller; order has buyer, rider"):
        question_of(Order.schema, [Habit.on(Call.caller)])


def test_what_is_asked_twice_is_refused():
    with pytest.raises(BadView) as refused:
        question_of(Order.schema, [Habit.on(Order.buyer), Habit.on(Order.rider), request(Order.price, Order.price)])
    assert str(refused.value) == (
        "Asked twice: habit.rides, price. "
        "Ask every feature and field once; a view for a second time as_='another_name'."
    )


@pytest.mark.parametrize("foreign", [Ride.fare, Storm.price])
def test_a_request_field_that_the_spine_does_not_have_so_is_refused(foreign):
    with pytest.raises(BadView, match=r"The spine order has no field (fare|price) of type (float|string)\."):
        question_of(Order.schema, [request(foreign)])


def test_a_question_is_the_same_when_its_answers_are():
    asked = question_of(Order.schema, [Habit.on(Order.rider), request(Order.price)])
    assert asked.digest() == question_of(Order.schema, [Habit.on(Order.rider), request(Order.price)]).digest()
    others = [
        question_of(Order.schema, [Habit.on(Order.buyer), request(Order.price)]),
        question_of(Order.schema, [Taste.on(Order.rider), request(Order.price)]),
        question_of(Order.schema, [Habit.on(Order.rider), request(Order.words)]),
        question_of(Order.schema, [Habit.on(Order.rider)]),
    ]
    assert len({asked.digest(), *(question.digest() for question in others)}) == 5

"""Derived features in questions: found, asked besides, worked out offline and online, and identified."""

# ruff: noqa: N805, B008  (parameters of derived features are features)

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.features.rides import (
    HOUR,
    MEMBERS,
    MINUTE,
    NOW,
    START,
    Asked,
    Habit,
    Member,
    Moment,
    Ride,
    batches,
    instants,
)
from tests.features.test_parity import spelled

import pressroom as pr
from pressroom.backends.memory.keys import MemoryKeys
from pressroom.facts import Fact, Float, Key, String, field
from pressroom.features import BadView, FeatureUser, FeatureView, Question, question_of, request, uses_of
from pressroom.features.check_view import check_view
from pressroom.features.formulas import interpret as plain
from pressroom.features.use import record_use
from pressroom.values import digest_document, from_document, to_document


class Order(Fact):
    """A member orders a ride, for another perhaps."""

    buyer: Key[Member] = field(optional=True)
    rider: Key[Member] = field(optional=True)
    price: Float = field(unit="EUR", labels=("money",))
    channel: String = field(optional=True)


class Style(FeatureView, entity=Member, owner="taxi"):
    """How somebody rides, some of it derived."""

    rides = Ride.count(window="3h", by=Ride.rider)
    fare = Ride.fare.sum(window="3h", by=Ride.rider)
    booked = Ride.booked.last(by=Ride.rider)

    @pr.derived(unit="EUR")
    def per_ride(fare, rides):
        return fare / np.maximum(rides, 1)

    @pr.derived
    def worth(per_ride):
        return np.log1p(np.maximum(per_ride, 0))

    @pr.derived(unit="s")
    def since_booked(as_of, booked):
        return as_of - booked


@pr.derived(doc="whether it is dear for this rider")
def is_dear(price=Order.price, usual=Style.on(Order.rider).per_ride, last=Habit.on(Order.buyer).last_fare):
    return (price > 2 * usual) | (price > last)


@pr.derived(unit="h")
def hour(as_of, channel=Order.channel):
    return pr.where(channel == "web", pr.hour_of(as_of), None)


@pr.derived
def dear_at_night(dear=is_dear, hour=hour):
    return dear & (hour < 6)


QUESTION = question_of(
    Order.schema, [Style.on(Order.rider), Moment.on(Order.buyer), is_dear, hour, dear_at_night, request(Order.channel)]
)
VIEWS = [Style.view, Moment.view, Habit.view]


def test_derived_features_come_last_and_what_only_they_need_is_no_column():
    assert [each.name for each in QUESTION.inputs()] == [
        *("style.rides", "style.fare", "style.booked", "style.per_ride", "style.worth", "style.since_booked"),
        *("moment.rides", "moment.fare", "moment.fare_last", "moment.guest_age"),
        *("channel", "is_dear", "hour", "dear_at_night"),
    ]
    assert [each.name for each in QUESTION.brought()] == ["channel", "price"]
    assert [(each.bound.view.name, each.bound.key, each.features) for each in QUESTION.hidden()] == [
        ("habit", "buyer", ("last_fare",))
    ]
    assert [key.name for key in QUESTION.keys] == ["buyer", "rider"]
    assert "channel" not in QUESTION.computed()
    assert {bound.view.name for bound in QUESTION.bound()} == {"style", "moment", "habit"}


def test_labels_units_and_words_travel():
    dear, by_hour, night = QUESTION.inputs()[-3:]
    assert (dear.labels, dear.type, dear.doc) == (("money",), "bool", "whether it is dear for this rider")
    assert (by_hour.unit, by_hour.doc) == ("h", "where(channel == 'web', hour_of(as_of), null)")
    assert night.labels == ("money",)
    assert QUESTION.inputs()[3].unit == "EUR"


def test_a_question_with_derived_features_can_be_stored():
    again = from_document(to_document(QUESTION), Question)
    assert again == QUESTION
    assert again.digest() == QUESTION.digest()


def plain_answer(answer, row):
    """The derived columns by plain Python, from the others and what is hidden."""
    per_ride = None if answer["style.fare"] is None else answer["style.fare"] / max(answer["style.rides"], 1)
    usual = None if per_ride is None else 2 * per_ride
    above = [None if bound is None else row["price"] > bound for bound in (usual, row["last"])]
    dear = True if True in above else None if None in above else False
    at = row["as_of"] // HOUR % 24 if row["channel"] == "web" else None
    early = None if at is None else at < 6
    return {
        "style.per_ride": per_ride,
        "style.since_booked": None
        if answer["style.booked"] is None
        else (row["as_of"] - answer["style.booked"]) / 1_000_000,
        "is_dear": dear,
        "hour": at,
        "dear_at_night": False if False in (dear, early) else None if None in (dear, early) else True,
    }


orders = st.lists(
    st.fixed_dictionaries(
        {
            "buyer": st.sampled_from([*MEMBERS, None]),
            "rider": st.sampled_from([*MEMBERS, None]),
            "price": st.sampled_from([0.0, 0.2, 1.0, 3.0, math.nan, 1e300]),
            "channel": st.sampled_from(["web", "phone", None]),
            "as_of": instants(),
        }
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=120)
@given(history=batches, asked=orders)
def test_offline_and_online_are_equal_and_plain_python_says_the_same(new_floor, history, asked):
    floor = new_floor()
    for rows in history:
        floor.append(Ride, *map(dataclasses.asdict, rows))
    floor.follow(*VIEWS)
    offline = floor.offline(QUESTION, asked)
    by_last = question_of(Asked.schema, [Habit.on(Asked.who)])
    last = floor.offline(by_last, [{"as_of": row["as_of"], "who": row["buyer"]} for row in asked])
    online = floor.online(QUESTION)
    for row, answer, habit in zip(asked, offline, last, strict=True):
        wanted = plain_answer(answer, {**row, "last": habit["habit.last_fare"]})
        assert {name: spelled(answer[name]) for name in wanted} == {
            name: spelled(each) for name, each in wanted.items()
        }
        try:
            (served,) = online.answer([row], [row["as_of"]])
        except pr.PressroomError:
            continue
        assert {name: spelled(value) for name, value in served.values.items()} == {
            name: spelled(value) for name, value in answer.items()
        }


def ride(event, **values):
    return {
        "event": event,
        "rider": "ann",
        "guest": None,
        "fare": 4.0,
        "stops": None,
        "shared": None,
        "booked": None,
        **values,
    }


def test_a_derived_feature_is_as_old_as_the_oldest_of_what_it_is_made_from(floor):
    floor.append(Ride, ride(START), ride(START + HOUR, rider="bob"))
    floor.follow(*VIEWS)
    now = START + HOUR + 10 * MINUTE
    row = {"buyer": "bob", "rider": "ann", "price": 9.0, "channel": "web"}
    (answered,) = floor.online(QUESTION).answer([row], [now])
    assert answered.values["is_dear"] is True
    assert (answered.ages_s["is_dear"], answered.ages_s["style.worth"], answered.ages_s["hour"]) == (
        4_200.0,
        4_200.0,
        None,
    )
    assert set(answered.values) == {each.name for each in QUESTION.inputs()}
    assert set(answered.ages_s) == set(QUESTION.computed())
    (unknown,) = floor.online(QUESTION).answer([{**row, "rider": None}], [now])
    assert (unknown.ages_s["style.worth"], unknown.ages_s["is_dear"]) == (None, 600.0)


def test_a_view_that_is_hidden_must_be_online_too(floor):
    floor.follow(Style.view, Moment.view)
    with pytest.raises(pr.PressroomError, match=r"Not materialised: habit"):
        floor.online(QUESTION)


def test_uses_of_what_is_hidden_are_written_down(floor):
    record_use(QUESTION, FeatureUser(owner="taxi", what="dear", how="train"), facts=floor.facts)
    used = set(uses_of(floor.facts))
    assert {("style", "per_ride"), ("habit", "last_fare")} <= used
    assert ("habit", "age") not in used


# Identity -----------------------------------------------------------------------------------------------------------


def asked_with(derived):
    return question_of(Order.schema, [Style.on(Order.rider), derived])


def test_a_question_is_another_when_the_formula_the_unit_or_what_it_is_made_from_is():
    def made(body, **said):
        body.__name__ = "it"
        return asked_with(pr.derived(**said)(body)).digest()

    same = [
        made(lambda price=Order.price, rides=Style.rides: price / rides),
        made(lambda rides=Style.rides, price=Order.price: np.divide(price, rides), doc="other words"),
        made(lambda r=Style.on(Order.rider).rides, price=Order.price: price / r),
    ]
    assert len(set(same)) == 1
    others = [
        made(lambda price=Order.price, rides=Style.rides: price / rides, unit="EUR"),
        made(lambda price=Order.price, rides=Style.rides: price * rides),
        made(lambda price=Order.price, rides=Style.on(Order.buyer).rides: price / rides),
        made(lambda price=Order.price, rides=Moment.on(Order.rider).rides: price / rides),
        question_of(Order.schema, [Style.on(Order.rider)]).digest(),
    ]
    assert len({same[0], *others}) == 6


def test_a_view_is_another_when_its_formulas_are():
    plain_view = dataclasses.replace(Style.view, derived=Habit.view.derived)
    first, *others = Style.view.derivations()
    renamed = dataclasses.replace(Style.view, derived=(dataclasses.replace(first, unit="USD"), *others))
    assert len({plain_view.digest(), renamed.digest(), Style.view.digest()}) == 3
    reworded = dataclasses.replace(Style.view, derived=(dataclasses.replace(first, doc="Other words."), *others))
    assert reworded.digest() == Style.view.digest()


def test_without_derived_features_everything_is_called_what_it_always_was():
    view, question = Habit.view, question_of(Asked.schema, [Habit.on(Asked.who), Moment.on(Asked.other)])
    named = [
        (each.name, dataclasses.replace(each.aggregate, fact=each.aggregate.fact.unchecked())) for each in view.features
    ]
    assert view.digest() == digest_document((view.entity, named))
    assert b"derived" not in to_document(view) + to_document(question)
    assert question.digest() == digest_document(([(b.view.name, b.view.digest(), b.key) for b in question.views], []))


# Refusals -----------------------------------------------------------------------------------------------------------


def test_a_derived_feature_asked_twice_or_called_as_a_field_is_refused():
    with pytest.raises(BadView, match=r"Asked twice: hour"):
        question_of(Order.schema, [hour, hour])

    def price(price=Order.price):
        return price + 1

    with pytest.raises(BadView, match=r"Asked twice: price"):
        asked_with(pr.derived(price))

    def rider(price=Order.price):
        return price + 1

    with pytest.raises(BadView, match=r"Asked twice: rider"):
        asked_with(pr.derived(rider))


def test_fields_come_from_the_spine_and_keys_must_be_clear():
    def foreign(fare=Ride.fare):
        return fare + 1

    with pytest.raises(BadView, match=r"The spine order has no field fare"):
        asked_with(pr.derived(foreign))

    def unclear(age=Habit.age):
        return age + 1

    with pytest.raises(BadView, match=r"habit is of member, asked by no key in particular; order has buyer, rider"):
        asked_with(pr.derived(unclear))

    def two(a=Order.price, b=Ride.fare):
        return a + b

    pr.derived(two)

    class Elsewhere(Fact):
        """Has a price in words."""

        rider: Key[Member]
        price: String

    with pytest.raises(BadView, match=r"price is two different things"):
        pr.derived(_named(lambda a=Order.price, b=Elsewhere.price: pr.where(a > 1, b, "")))


def _named(body):
    body.__name__ = "it"
    return body


# The check of a view ------------------------------------------------------------------------------------------------


@pytest.fixture
def tables(floor):
    draw = np.random.default_rng(5)
    rows = [
        ride(START + int(minute) * MINUTE, fare=float(draw.normal(5, 3)), rider=f"r{draw.integers(5)}", booked=START)
        for minute in draw.integers(0, 900, 200)
    ]
    floor.append(Ride, *rows)
    return {"ride": floor.facts.history(Ride.schema, ["event", "known", "rider", "fare", "booked"])[0]}


def test_a_check_covers_what_is_derived(tables):
    found = check_view(Style.view, tables, MemoryKeys(), samples=200)
    assert (found.examples, found.values) == ((), 200 * 6)
    assert found.passed()


def test_a_check_finds_what_online_and_offline_have_wrong_together(tables, monkeypatch):
    monkeypatch.setitem(plain._STRICT, "divide", lambda a, b: a / b + 1e-9)
    found = check_view(Style.view, tables, MemoryKeys(), samples=50)
    assert dict(found.by_feature).keys() >= {"style.per_ride"}
    assert not found.passed()


def test_instants_now_are_answered_too(floor):
    floor.follow(*VIEWS)
    (answered,) = floor.online(QUESTION).answer([{"buyer": "x", "rider": "y", "price": 1.0, "channel": None}], [NOW])
    assert answered.values["style.per_ride"] is None

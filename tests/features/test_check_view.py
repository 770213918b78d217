import dataclasses

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pressroom.backends.memory.keys import MemoryKeys
from pressroom.facts import INSTANT, Bool, Entity, Fact, Float, Int, Key, Timestamp, field
from pressroom.features import FeatureView, NoOracle, arriving, ask_three_ways
from pressroom.features.check_view import check_view, same
from pressroom.features.oracle_kinds import KINDS

HOUR = 3_600_000_000
START = 1_357_000_000_000_000


class Rider(Entity):
    """Who rides."""


class Ride(Fact):
    """A ride, perhaps with a guest."""

    rider: Key[Rider] = field(optional=True)
    guest: Key[Rider] = field(optional=True)
    fare: Float = field(optional=True)
    stops: Int = field(optional=True)
    shared: Bool = field(optional=True)
    booked: Timestamp = field(optional=True)


class Stop(Fact):
    """A ride stopped on the way."""

    rider: Key[Rider]
    minutes: Float


class Habit(FeatureView, entity=Rider):
    """Every kind, by both keys, of two facts."""

    rides_3h = Ride.count(window="3h", by=Ride.rider)
    fare_1h = Ride.fare.sum(window="1h", by=Ride.rider)
    fare_mean = Ride.fare.mean(window="3h", by=Ride.guest)
    fare_std = Ride.fare.std(window="3h", by=Ride.rider)
    fare_min = Ride.fare.min(window="3h", by=Ride.rider)
    stops_max = Ride.stops.max(window="3h", by=Ride.rider)
    first = Ride.fare.first(window="3h", by=Ride.rider)
    different = Ride.stops.distinct(window="3h", by=Ride.rider)
    middle = Ride.fare.quantile(0.5, window="3h", by=Ride.rider)
    fading = Ride.fare.decayed_mean(half_life="30min", window="3h", by=Ride.rider)
    last_shared = Ride.shared.last(by=Ride.rider)
    last_booked = Ride.booked.last(ttl="2h", by=Ride.rider)
    age = Ride.age(by=Ride.guest)
    dear = Ride.count(window="3h", by=Ride.rider, where=Ride.fare > 2)
    latest = Ride.fare.last_n(3, window="3h", by=Ride.rider)
    latest_stops = Ride.stops.last_n(1, window="1h", by=Ride.guest)
    usual = Ride.stops.top_k(2, window="3h", by=Ride.rider)
    hosts = Ride.rider.top_k(3, window="3h", by=Ride.guest)
    about = Ride.stops.approx_distinct(window="3h", by=Ride.rider)
    about_fares = Ride.fare.approx_distinct(window="12h", by=Ride.rider)
    about_guests = Ride.guest.approx_distinct(window="12d", by=Ride.rider)
    about_middle = Ride.fare.approx_quantile(0.5, window="3h", by=Ride.rider)
    about_most = Ride.stops.approx_quantile(0.9, window="13h", by=Ride.guest)
    stops = Stop.minutes.sum(window="1h")


VIEW = Habit.view


def only(*names):
    """The view with some of its features."""
    kept = tuple(feature for feature in VIEW.features if feature.name in names)
    return dataclasses.replace(VIEW, features=kept)


def riders(count, *, rows, seed=7):
    """A history with late facts, nulls and ties."""
    draw = np.random.default_rng(seed)
    event = START + draw.integers(0, 500, rows) * HOUR // 6
    known = event + draw.choice([0, 0, 1, HOUR // 6, 4 * HOUR], rows)
    who = [f"r{k}" for k in draw.integers(0, count, rows)]
    table = pa.table(
        {
            "event": pa.array(event).cast(INSTANT),
            "known": pa.array(known).cast(INSTANT),
            "seq": pa.array(np.arange(rows)),
            "rider": pa.array(who, pa.string(), mask=draw.random(rows) < 0.1),
            "guest": pa.array(who[::-1], pa.string(), mask=draw.random(rows) < 0.5),
            "fare": pa.array(np.round(draw.normal(3, 2, rows), 1), mask=draw.random(rows) < 0.2),
            "stops": pa.array(draw.integers(-2, 5, rows), mask=draw.random(rows) < 0.2),
            "shared": pa.array(draw.random(rows) < 0.5, mask=draw.random(rows) < 0.2),
            "booked": pa.array(event - HOUR, mask=draw.random(rows) < 0.2).cast(INSTANT),
        }
    )
    stops = pa.table(
        {
            "event": table["event"],
            "known": table["event"],
            "seq": pa.array(np.arange(rows) + rows),
            "rider": pa.array(who, pa.string()),
            "minutes": pa.array(draw.random(rows)),
        }
    )
    return {"ride": table, "stop": stops}


def checked(view=VIEW, tables=None, *, samples=300):
    return check_view(view, riders(20, rows=600) if tables is None else tables, MemoryKeys(), samples=samples)


def test_every_kind_is_equal_three_ways_on_late_tied_and_null_facts():
    found = checked()
    assert found.examples == ()
    assert (found.checked, found.entities, found.values, found.unequal) == (300, 20, 300 * 24, 0)
    assert found.passed()
    assert {feature.aggregate.kind for feature in VIEW.features} == set(KINDS), "a new kind belongs into this view"


def appended_as_known(tables):
    """The same facts, numbered in the order in which they became known."""
    table = tables["ride"].sort_by("known")
    return {**tables, "ride": table.set_column(2, "seq", pa.array(range(table.num_rows), pa.int64()))}


def with_wrong_facts(tables):
    """The same facts, a third of which turn out wrong an hour after they were known."""
    table = tables["ride"]
    wrong = pa.array([place % 3 > 0 for place in range(table.num_rows)])
    until = pa.array(table["known"].cast(pa.int64()).to_numpy() + HOUR, mask=wrong.to_numpy(zero_copy_only=False))
    return {**tables, "ride": table.append_column("until", until.cast(INSTANT))}


@pytest.mark.parametrize("change", [appended_as_known, with_wrong_facts])
def test_facts_that_arrived_in_order_and_facts_that_turned_out_wrong_are_equal_three_ways(change):
    found = checked(tables=change(riders(20, rows=600)))
    assert found.examples == ()
    assert found.passed()


def test_a_batch_that_is_lost_online_is_found(monkeypatch):
    right = arriving.packed_rows
    monkeypatch.setattr(arriving, "packed_rows", lambda stream, rows, *rest: right(stream, rows[1:], *rest))
    example = checked(only("rides_3h"), appended_as_known(riders(20, rows=600))).examples[0]
    assert example.online != example.offline == example.oracle


def test_it_says_the_same_again():
    assert checked(samples=40) == checked(samples=40)


instants = st.integers(0, 30).map(lambda step: START + step * HOUR // 6)
rides = st.fixed_dictionaries(
    {
        "event": instants,
        "late": st.sampled_from([0, 0, 1, -1, HOUR, 5 * HOUR]),
        "rider": st.sampled_from(["ann", "bob", None]),
        "guest": st.sampled_from(["ann", None]),
        "fare": st.one_of(st.none(), st.floats(-1e6, 1e6).map(lambda number: number + 0.0)),
        "stops": st.one_of(st.none(), st.integers(-5, 5)),
        "shared": st.sampled_from([True, False, None]),
        "booked": st.one_of(st.none(), instants),
    }
)


@settings(max_examples=40)
@given(history=st.lists(rides, max_size=12))
def test_any_history_passes(history):
    schema = riders(1, rows=1)["ride"].schema
    columns = {name: [row.get(name) for row in history] for name in schema.names}
    columns["known"] = [row["event"] + row["late"] for row in history]
    columns["seq"] = list(range(len(history)))
    arrays = [
        pa.array(columns[field_.name], pa.int64()).cast(INSTANT)
        if field_.type == INSTANT
        else pa.array(columns[field_.name], field_.type)
        for field_ in schema
    ]
    tables = {"ride": pa.Table.from_arrays(arrays, schema=schema), "stop": riders(1, rows=0)["stop"]}
    found = checked(tables=tables, samples=60)
    assert found.examples == ()
    assert found.passed() == any(row["rider"] or row["guest"] for row in history)


@pytest.mark.parametrize("beside_us", [-1, 1])
@pytest.mark.parametrize("feature", ["rides_3h", "fare_1h", "age", "last_booked", "first", "dear"])
def test_one_microsecond_beside_the_right_instant_is_found_offline(monkeypatch, feature, beside_us):
    right = ask_three_ways.answer

    def wrong(question, spine, read):
        as_of = pa.array(spine["as_of"].cast(pa.int64()).to_numpy() + beside_us).cast(INSTANT)
        return right(question, spine.set_column(0, "as_of", as_of), read)

    monkeypatch.setattr(ask_three_ways, "answer", wrong)
    found = checked(only(feature))
    assert found.unequal > 0
    assert not found.passed()
    assert found.by_feature == ((f"habit.{feature}", found.unequal),)
    assert len(found.examples) == min(found.unequal, 20)
    example = found.examples[0]
    assert example.offline != example.online == example.oracle


def test_a_fact_that_is_missing_online_is_found(monkeypatch):
    right = arriving.rebuilt
    monkeypatch.setattr(arriving, "rebuilt", lambda stream, rows, now: right(stream, rows[1:], now))
    example = checked(only("rides_3h")).examples[0]
    assert example.online != example.offline == example.oracle


def test_what_both_have_wrong_is_found_by_the_oracle(monkeypatch):
    monkeypatch.setitem(KINDS, "count", lambda seen, *_: len(seen) + 1)
    found = checked(only("rides_3h", "dear"))
    assert dict(found.by_feature).keys() == {"habit.rides_3h", "habit.dear"}
    assert all(example.offline == example.online != example.oracle for example in found.examples)


def test_rounding_is_let_pass_only_where_roots_and_powers_are_rounded(monkeypatch):
    for kind in ("std", "sum"):
        right = KINDS[kind]
        nudged = lambda *asked, right=right: None if (said := right(*asked)) is None else said + 1e-12  # noqa: E731
        monkeypatch.setitem(KINDS, kind, nudged)
    found = checked(only("fare_std", "fare_1h"))
    assert dict(found.by_feature).keys() == {"habit.fare_1h"}


def test_a_kind_without_an_oracle_is_refused_before_anything_is_asked(monkeypatch):
    monkeypatch.delitem(KINDS, "quantile")
    with pytest.raises(NoOracle):
        checked()
    assert checked(only("rides_3h")).passed()


def test_no_facts_are_no_pass():
    found = checked(tables=riders(1, rows=0))
    assert (found.checked, found.unequal, found.passed()) == (0, 0, False)


def test_where_entities_have_very_many_facts_less_is_asked(monkeypatch):
    monkeypatch.setattr("pressroom.features.check_view._MOST_VISITS", 2_000)
    found = checked(tables=riders(1, rows=600))
    assert 0 < found.checked < 300
    assert found.passed()


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (None, None, True),
        (None, 0, False),
        (1, 1.0, False),
        (True, 1, False),
        (float("nan"), float("nan"), True),
        (float("nan"), 1.0, False),
        (1.0, float("nan"), False),
        (0.1 + 0.2, 0.3, False),
        ("a", "a", True),
    ],
)
def test_equal_means_of_one_type_and_every_digit(one, other, equal):
    assert same(one, other) == equal

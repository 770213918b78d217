"""Features by several keys: offline, online and an oracle that groups by tuples say the same."""

import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.features.history import History, event_before

from pressroom.backends.memory.keys import MemoryKeys
from pressroom.facts import INSTANT, Entity, Fact, Float, Key, String, field
from pressroom.features import FeatureView, arriving, question_of
from pressroom.features.check_view import check_view

MINUTE = 60_000_000
HOUR = 60 * MINUTE
START = 1_357_000_000_000_000


class Airport(Entity):
    """An airport."""


class Carrier(Entity):
    """An airline."""


class Landing(Fact):
    """A flight landed; not everything about it is always told."""

    origin: Key[Airport] = field(optional=True)
    dest: Key[Airport] = field(optional=True)
    carrier: Key[Carrier] = field(optional=True)
    delay: Float = field(optional=True)
    gate: String = field(optional=True)


class Asked(Fact):
    """Somebody asks about a route."""

    start: Key[Airport] = field(optional=True)
    end: Key[Airport] = field(optional=True)
    airline: Key[Carrier] = field(optional=True)


BY_CARRIER = (Landing.origin, Landing.carrier)
BY_ROUTE = (Landing.origin, Landing.dest)


class Habit(FeatureView, entity=(Airport, Carrier)):
    """How a carrier does at an airport."""

    landings = Landing.count(window="3h", by=BY_CARRIER)
    delay = Landing.delay.sum(window="2h", by=BY_CARRIER)
    gates = Landing.gate.distinct(window="3h", by=BY_CARRIER)
    last = Landing.delay.last(ttl="2h", by=BY_CARRIER)
    arrived = Landing.count(window="3h", by=(Landing.dest, Landing.carrier))


class Route(FeatureView, entity=(Airport, Airport)):
    """How it goes from one airport to another."""

    landings = Landing.count(window="3h", by=BY_ROUTE)
    age = Landing.age(by=BY_ROUTE)
    late = Landing.count(window="3h", by=BY_ROUTE, where=Landing.delay > 1.0)


class Whole(FeatureView, entity=(Airport, Airport, Carrier)):
    """All three."""

    worst = Landing.delay.max(window="3h", by=(*BY_ROUTE, Landing.carrier))


VIEWS = (Habit.view, Route.view, Whole.view)
QUESTION = question_of(
    Asked.schema,
    [
        Habit.on(Asked.start, Asked.airline),
        Route.on(Asked.start, Asked.end),
        Whole.on(Asked.start, Asked.end, Asked.airline),
    ],
)
AIRPORTS = ["1", "11", "", "a+b", None]
CARRIERS = ["11", "1", "b+c", "", None]

rows = st.fixed_dictionaries(
    {
        "event": st.integers(-1, 12),
        "origin": st.sampled_from(AIRPORTS),
        "dest": st.sampled_from(AIRPORTS),
        "carrier": st.sampled_from(CARRIERS),
        "delay": st.sampled_from([None, -1.0, 0.1, 1.0, 2.5]),
        "gate": st.sampled_from([None, "A", "B"]),
    }
)
steps = st.lists(
    st.tuples(st.sampled_from(["says", "says", "says", "corrects", "retracts"]), st.integers(0, 90), rows), max_size=12
)


def within(seen, key, whom, t, window):
    return [row for row in seen if tuple(row[name] for name in key) == whom and t - window <= row["event"] < t]


def newest(seen, key, whom, t):
    found = [row for row in seen if tuple(row[name] for name in key) == whom and row["event"] <= t]
    return found[-1] if found else None


def expected(history, asked, t):
    seen, start, end, airline = history.seen(Landing, t), asked["start"], asked["end"], asked["airline"]
    answer = {field.name: None for field in QUESTION.inputs()}
    if None not in (start, airline):
        key, whom = ("origin", "carrier"), (start, airline)
        near = within(seen, key, whom, t, 2 * HOUR)
        delays = [row["delay"] for row in near if row["delay"] is not None]
        last = newest(seen, key, whom, t)
        answer["habit.landings"] = len(within(seen, key, whom, t, 3 * HOUR))
        answer["habit.delay"] = math.fsum(delays) if delays else None
        answer["habit.gates"] = len({row["gate"] for row in within(seen, key, whom, t, 3 * HOUR)} - {None})
        answer["habit.last"] = last["delay"] if last and t - last["event"] <= 2 * HOUR else None
        answer["habit.arrived"] = len(within(seen, ("dest", "carrier"), whom, t, 3 * HOUR))
    if None not in (start, end):
        key, whom = ("origin", "dest"), (start, end)
        last = newest(seen, key, whom, t)
        near = within(seen, key, whom, t, 3 * HOUR)
        answer["route.landings"] = len(near)
        answer["route.age"] = (t - last["event"]) / 1e6 if last else None
        answer["route.late"] = sum(row["delay"] is not None and row["delay"] > 1.0 for row in near)
    if None not in (start, end, airline):
        near = within(seen, ("origin", "dest", "carrier"), (start, end, airline), t, 3 * HOUR)
        answer["whole.worst"] = max((row["delay"] for row in near if row["delay"] is not None), default=None)
    return answer


asking = st.fixed_dictionaries(
    {"start": st.sampled_from(AIRPORTS), "end": st.sampled_from(AIRPORTS), "airline": st.sampled_from(CARRIERS)}
)


@settings(max_examples=150)
@given(told=steps, asked=st.lists(asking, min_size=1, max_size=4))
def test_three_ways_agree_whatever_is_null_corrected_or_taken_back(new_floor, told, asked):
    history = History(new_floor())
    floor = history.floor
    floor.follow(*VIEWS)
    online, known, served = floor.online(QUESTION), START, []
    for change, pause, row in told:
        known += pause * MINUTE
        history.tell(Landing, {**row, "known": known, "event": event_before(known, row["event"])}, change=change)
        floor.follow(*VIEWS)
        routes = [*asked, {"start": row["origin"], "end": row["dest"], "airline": row["carrier"]}]
        answers = online.answer(routes, [known + 1] * len(routes))
        for route, answer in zip(routes, answers, strict=True):
            assert answer.values == expected(history, route, known + 1)
            served.append({"as_of": known + 1, **route})
    if served:
        assert floor.offline(QUESTION, served) == [expected(history, row, row["as_of"]) for row in served]


@settings(max_examples=40)
@given(told=st.lists(rows, max_size=12))
def test_filling_later_leaves_the_same_rows_as_following(new_floor, told):
    follower, filler = History(new_floor()), new_floor()
    follower.floor.follow(*VIEWS)
    for row in told:
        event = event_before(START, row["event"])
        follower.tell(Landing, {**row, "known": event, "event": event})
        follower.floor.follow(*VIEWS)
    filler.facts = follower.floor.facts
    filler.features = type(follower.floor.features)(facts=filler.facts, keys=filler.keys)
    filler.follow(*VIEWS)
    instant = START + HOUR
    asked = [{"start": a, "end": b, "airline": c} for a in AIRPORTS for b in AIRPORTS for c in CARRIERS]
    one, other = (each.online(QUESTION).answer(asked, [instant] * len(asked)) for each in (follower.floor, filler))
    assert one == other


def landings(count):
    draw = np.random.default_rng(5)
    event = START + draw.integers(0, 400, count) * 10 * MINUTE
    names = {"origin": AIRPORTS, "dest": AIRPORTS, "carrier": CARRIERS, "gate": ["A", "B", None]}
    columns = {
        name: pa.array([values[k] for k in draw.integers(0, len(values), count)], pa.string())
        for name, values in names.items()
    }
    return pa.table(
        {
            "event": pa.array(event).cast(INSTANT),
            "known": pa.array(event + draw.choice([0, 1, HOUR], count)).cast(INSTANT),
            "seq": pa.array(np.arange(count)),
            **columns,
            "delay": pa.array(np.round(draw.normal(1, 2, count), 1), mask=draw.random(count) < 0.2),
        }
    )


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_the_check_of_a_view_checks_it(view):
    found = check_view(view, {"landing": landings(500)}, MemoryKeys(), samples=200)
    assert found.examples == ()
    assert found.passed()
    assert found.entities > 10


def test_a_disagreement_says_whom_it_is_about_in_words(monkeypatch):
    monkeypatch.setattr(arriving, "rebuilt", lambda *_: {})
    found = check_view(Route.view, {"landing": landings(500)}, MemoryKeys(), samples=200)
    assert {" + " in example.entity for example in found.examples} == {True}


def test_a_label_by_several_keys_looks_at_facts_that_agree_in_all(floor):
    label = Landing.delay.next(within="1h", by=BY_ROUTE).label
    told = [("1", "11", 1.0), ("11", "1", 2.0), ("1", None, 3.0), ("1", "11", 4.0)]
    floor.append(
        Landing,
        *({"event": START + k, "origin": a, "dest": b, "delay": delay} for k, (a, b, delay) in enumerate(told)),
    )
    spine = pa.table(
        {
            "as_of": pa.array([START - 1, START - 1, START - 1, START], INSTANT),
            "origin": pa.array(["1", "11", "1", "1"]),
            "dest": pa.array(["11", "1", None, "11"]),
        }
    )
    found, _ = floor.features.label(label, Landing.schema, spine, known_at=START + HOUR)
    assert found.to_pylist() == [1.0, 2.0, None, 4.0]

"""Rides of members: the facts and views of the parity laws, histories of them, and their answers in plain Python."""

import math
from dataclasses import dataclass
from fractions import Fraction

from hypothesis import strategies as st

from pressroom.facts import Bool, Entity, Fact, Float, Int, Key, Timestamp, field
from pressroom.features import FeatureView, question_of
from pressroom.values import parse_instant


class Member(Entity):
    """Somebody who may ride."""


class Ride(Fact):
    """A member rode along, sometimes with a guest who is a member too."""

    rider: Key[Member] = field(optional=True)
    guest: Key[Member] = field(optional=True)
    fare: Float = field(optional=True)
    stops: Int = field(optional=True)
    shared: Bool = field(optional=True)
    booked: Timestamp = field(optional=True)


class Asked(Fact):
    """Somebody asks about two members."""

    who: Key[Member]
    other: Key[Member]


class Habit(FeatureView, entity=Member):
    """Every aggregate, over several windows, by either key; something is kept for ever."""

    rides_1h = Ride.count(window="1h", by=Ride.rider)
    rides_3h = Ride.count(window="3h", by=Ride.rider)
    fare_1h = Ride.fare.sum(window="1h", by=Ride.rider)
    fare_3h = Ride.fare.sum(window="3h", by=Ride.rider)
    mean_fare = Ride.fare.mean(window="3h", by=Ride.rider)
    stops_3h = Ride.stops.sum(window="3h", by=Ride.rider)
    mean_stops = Ride.stops.mean(window="1h", by=Ride.rider)
    last_fare = Ride.fare.last(by=Ride.rider)
    fresh_fare = Ride.fare.last(ttl="2h", by=Ride.rider)
    last_shared = Ride.shared.last(by=Ride.rider)
    last_booked = Ride.booked.last(by=Ride.rider)
    age = Ride.age(by=Ride.rider)
    fresh_age = Ride.age(ttl="2h", by=Ride.rider)
    as_guest = Ride.count(window="3h", by=Ride.guest)
    guest_fare = Ride.fare.sum(window="1h", by=Ride.guest)
    guest_last = Ride.stops.last(by=Ride.guest)


class Moment(FeatureView, entity=Member):
    """Nothing older than an hour matters, so that most of a history is dropped online."""

    rides = Ride.count(window="1h", by=Ride.rider)
    fare = Ride.fare.mean(window="20min", by=Ride.rider)
    fare_last = Ride.fare.last(ttl="10min", by=Ride.rider)
    guest_age = Ride.age(ttl="1h", by=Ride.guest)


VIEWS = [Habit.view, Moment.view]
QUESTION = question_of(Asked.schema, [Habit.on(Asked.who), Moment.on(Asked.other)])
MINUTE = 60_000_000
HOUR = 60 * MINUTE
START = 1_357_000_000_000_000
NOW = parse_instant("2013-06-01T00:00Z")

MEMBERS = ["ann", "bob", "cat"]
FARES = [None, math.nan, math.inf, -math.inf, 1e300, -1e300, 1.7e308, -1.7e308, 5e-324, -0.0, 0.1, 0.2, 0.3, 1.0, 3.0]
STOPS = [None, 0, 1, -3, 7, 2**53 + 1, 2**63 - 1, -(2**63)]


@dataclass(frozen=True)
class Row:
    """A ride as the tests think of it; its place in the list of all rides is its number in the log."""

    event: int
    known: int
    rider: str | None
    guest: str | None
    fare: float | None
    stops: int | None
    shared: bool | None
    booked: int | None


# The oracle ---------------------------------------------------------------------------------------------------------


def exact_sum(numbers):
    try:
        return math.fsum(numbers)
    except (OverflowError, ValueError):
        strange = [number for number in numbers if not math.isfinite(number)]
        if strange:
            return math.nan if len({str(number) for number in strange}) > 1 else strange[0]
        total = sum(map(Fraction, numbers), Fraction(0))
        try:
            return float(total)
        except OverflowError:
            return math.inf if total > 0 else -math.inf


def in_window(rows, key, whom, t, window):
    return [row for row in rows if getattr(row, key) == whom and row.known <= t and t - window <= row.event < t]


def count(rows, key, whom, t, window):
    return len(in_window(rows, key, whom, t, window))


def total(rows, key, whom, t, window, name, *, mean=False):
    numbers = [getattr(row, name) for row in in_window(rows, key, whom, t, window)]
    numbers = [float(number) for number in numbers if number is not None]
    if not numbers:
        return None
    return exact_sum(numbers) / len(numbers) if mean else exact_sum(numbers)


def newest(rows, key, whom, t, ttl=None):
    seen = [
        (row.event, row.known, seq, row)
        for seq, row in enumerate(rows)
        if getattr(row, key) == whom and row.known <= t and row.event <= t
    ]
    if not seen or (ttl is not None and t - max(seen)[0] > ttl):
        return None
    return max(seen)[3]


def last(rows, key, whom, t, name, ttl=None):
    row = newest(rows, key, whom, t, ttl)
    return None if row is None else getattr(row, name)


def age(rows, key, whom, t, ttl=None):
    row = newest(rows, key, whom, t, ttl)
    return None if row is None else (t - row.event) / 1_000_000


def habit(rows, m, t):
    return [
        count(rows, "rider", m, t, HOUR),
        count(rows, "rider", m, t, 3 * HOUR),
        total(rows, "rider", m, t, HOUR, "fare"),
        total(rows, "rider", m, t, 3 * HOUR, "fare"),
        total(rows, "rider", m, t, 3 * HOUR, "fare", mean=True),
        total(rows, "rider", m, t, 3 * HOUR, "stops"),
        total(rows, "rider", m, t, HOUR, "stops", mean=True),
        last(rows, "rider", m, t, "fare"),
        last(rows, "rider", m, t, "fare", 2 * HOUR),
        last(rows, "rider", m, t, "shared"),
        last(rows, "rider", m, t, "booked"),
        age(rows, "rider", m, t),
        age(rows, "rider", m, t, 2 * HOUR),
        count(rows, "guest", m, t, 3 * HOUR),
        total(rows, "guest", m, t, HOUR, "fare"),
        last(rows, "guest", m, t, "stops"),
    ]


def moment(rows, m, t):
    return [
        count(rows, "rider", m, t, HOUR),
        total(rows, "rider", m, t, 20 * MINUTE, "fare", mean=True),
        last(rows, "rider", m, t, "fare", 10 * MINUTE),
        age(rows, "guest", m, t, HOUR),
    ]


def oracle(rows, who, other, t):
    one = [None] * len(Habit.view.features) if who is None else habit(rows, who, t)
    two = [None] * len(Moment.view.features) if other is None else moment(rows, other, t)
    return one + two


# Histories ----------------------------------------------------------------------------------------------------------


@st.composite
def instants(draw):
    """Ten minutes apart or nearly so, that many tie and many sit on the edge of a window."""
    return START + draw(st.integers(0, 150)) * 10 * MINUTE + draw(st.sampled_from([0, 0, 0, -1, 1]))


@st.composite
def rides(draw):
    event = draw(instants())
    delays = st.sampled_from([0, 0, 1, 5 * MINUTE, HOUR, 3 * HOUR, 10 * HOUR, -HOUR, -1])
    return Row(
        event=event,
        known=draw(st.one_of(delays.map(lambda delay: event + delay), instants())),
        rider=draw(st.sampled_from([*MEMBERS, None])),
        guest=draw(st.sampled_from([*MEMBERS, None])),
        fare=draw(st.one_of(st.sampled_from(FARES), st.floats(), st.floats(-100, 100))),
        stops=draw(st.one_of(st.sampled_from(STOPS), st.integers(-50, 50))),
        shared=draw(st.sampled_from([None, True, False])),
        booked=draw(st.one_of(st.none(), instants())),
    )


batches = st.lists(st.lists(rides(), max_size=8), max_size=4)
questions = st.lists(
    st.tuples(st.sampled_from([*MEMBERS, "nobody", None]), st.sampled_from([*MEMBERS, "nobody", None]), instants()),
    max_size=8,
)

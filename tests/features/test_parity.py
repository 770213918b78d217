"""One definition, two answers, equal: offline, online, and plain Python that shares no code with either."""

import math
import struct
from dataclasses import asdict, dataclass
from fractions import Fraction

import pytest
from hypothesis import event as note
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pressroom.facts import Bool, Entity, Fact, Float, Int, Key, Timestamp, field
from pressroom.features import Features, FeatureView, TooOld, question_of, streams_of
from pressroom.features.stream import position_key
from pressroom.values import format_instant, parse_instant


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


class Asking:
    """A floor, what was appended to it in order, and the question put to it both ways."""

    def __init__(self, floor):
        self.floor = floor
        self.rows = []

    def append(self, rows):
        self.rows += rows
        self.floor.append(Ride, *map(asdict, rows))

    def follow(self):
        return self.floor.follow(*VIEWS)

    def offline(self, asked):
        spine = [{"as_of": t, "who": who, "other": other} for who, other, t in asked]
        answers = self.floor.offline(QUESTION, spine)
        assert len(answers) == len(asked)
        return [list(answer.values()) for answer in answers]

    def online(self, who, other, t):
        """The answer, or None where it is refused as too old."""
        try:
            answered = self.floor.online(QUESTION).answer([{"who": who, "other": other}], [t])[0]
        except TooOld:
            return None
        return [answered.values[field.name] for field in QUESTION.inputs()]

    def oldest_promised(self, *whom):
        """From which instant on these members must be answered online: an hour before their newest fact, or now."""
        named = {member for member in whom if member is not None}
        times = [max(row.event, row.known) for row in self.rows if {row.rider, row.guest} & named]
        return min(max(times, default=START), self.floor.clock.now()) - HOUR


@pytest.fixture(scope="module")
def start(new_floor):
    """A new, empty floor that is asked."""
    return lambda: Asking(new_floor())


def spelled(value):
    """A value so that equal spelling means the same type and the same bits; NaN is NaN."""
    if isinstance(value, float):
        return "nan" if math.isnan(value) else struct.pack("<d", value)
    return type(value).__name__, value


def assert_same(got, want, what):
    for field_, one, two in zip(QUESTION.inputs(), got, want, strict=True):
        assert spelled(one) == spelled(two), (what, field_.name, one, two)


# The laws -----------------------------------------------------------------------------------------------------------


def ride(event, *, fare=None, stops=None):
    return Row(event=event, known=event, rider="ann", guest=None, fare=fare, stops=stops, shared=None, booked=None)


DOINGS = ["", "settle", "follow", "trim"]
HUGE = [ride(START, fare=fare) for fare in (1.7e308, 1.7e308, -1.7e308)]
WHOLE = [ride(START, stops=stops) for stops in (2**53 + 1, 2**63 - 1)]


@settings(max_examples=500)
@given(history=batches, asked=questions, doings=st.lists(st.sampled_from(DOINGS), min_size=4, max_size=4))
@example(history=[HUGE], asked=[("ann", "ann", START + MINUTE)], doings=[""])
@example(history=[WHOLE], asked=[("ann", "ann", START + MINUTE)], doings=[""])
def test_offline_and_online_answers_are_those_of_plain_python(start, history, asked, doings):
    asking = start()
    for rows, doing in zip(history, doings, strict=False):
        asking.append(rows)
        if doing == "follow":
            asking.follow()
        elif doing:
            asking.floor.facts.settle()
        if doing == "trim":
            asking.floor.facts.trim(asking.floor.facts.log_end())
    asking.follow()
    for (who, other, t), offline in zip(asked, asking.offline(asked), strict=True):
        want = oracle(asking.rows, who, other, t)
        assert_same(offline, want, "offline")
        online = asking.online(who, other, t)
        if online is None:
            note("refused as too old")
            assert t < asking.oldest_promised(who, other)
        else:
            assert_same(online, want, "online")


@settings(max_examples=150)
@given(history=st.lists(rides(), max_size=24), moments=st.lists(instants(), min_size=1, max_size=5, unique=True))
def test_what_was_served_online_is_what_offline_says_afterwards(start, history, moments):
    asking, waiting, served = start(), sorted(history, key=lambda row: row.known), []
    for now in sorted(moments):
        asking.floor.clock.set(now)
        asking.append([row for row in waiting if row.known <= now])
        waiting = [row for row in waiting if row.known > now]
        asking.follow()
        served += [((member, member, now), asking.online(member, member, now)) for member in MEMBERS]
    asking.append(waiting)
    asking.floor.facts.settle()
    for (asked, online), offline in zip(served, asking.offline([asked for asked, _ in served]), strict=True):
        assert online is not None, "a question about now is never too old"
        assert_same(online, offline, asked)


@settings(max_examples=150)
@given(history=batches, asked=questions)
def test_following_in_steps_following_once_and_filling_later_agree(start, history, asked):
    steps, once, later = start(), start(), start()
    steps.follow()
    once.follow()
    for rows in history:
        for row in rows:
            steps.append([row])
            steps.follow()
        once.append(rows)
    once.follow()
    once.floor.facts.settle()
    once.floor.facts.trim(once.floor.facts.log_end())
    later.floor.features = Features(facts=once.floor.facts, keys=later.floor.keys)
    later.follow()
    for who, other, t in asked:
        answers = [answer for asking in (steps, once, later) if (answer := asking.online(who, other, t)) is not None]
        for answer in answers[1:]:
            assert_same(answer, answers[0], (who, other, t))


@settings(max_examples=100)
@given(history=batches, back_to=st.integers(0, 4))
def test_following_the_same_entries_again_changes_nothing(start, history, back_to):
    asking = start()
    asking.follow()
    for rows in history:
        asking.append(rows)
        asking.follow()
    before = dict(asking.floor.keys.scan(b""))
    assert asking.follow() == 0
    assert dict(asking.floor.keys.scan(b"")) == before
    position = str(min(back_to, len(history))).encode()
    asking.floor.keys.put_many({position_key(view): position for view in VIEWS})
    asking.follow()
    assert dict(asking.floor.keys.scan(b"")) == before


@settings(max_examples=100)
@given(history=st.lists(rides(), max_size=16, unique_by=lambda row: (row.event, row.known)), data=st.data())
def test_answers_do_not_depend_on_the_order_of_arrival_unless_all_else_ties(start, history, data):
    straight, shuffled = start(), start()
    straight.append(history)
    shuffled.append(data.draw(st.permutations(history)))
    asked = [(member, member, row.event + 1) for member in MEMBERS for row in history]
    for one, two in zip(straight.offline(asked), shuffled.offline(asked), strict=True):
        assert_same(one, two, asked)


def test_a_fact_dated_in_the_far_future_does_not_shut_out_the_present(start):
    asking = start()
    for event in (START, NOW + 10_000 * HOUR, NOW - 2 * HOUR):
        asking.append([ride(event)])
        asking.follow()
    assert asking.online("ann", "ann", NOW) == oracle(asking.rows, "ann", "ann", NOW)


def test_an_instant_before_what_is_kept_is_refused_and_says_from_when_on(start):
    asking = start()
    asking.append([ride(START), ride(START + 50 * HOUR)])
    asking.follow()
    online = asking.floor.online(QUESTION)
    kept_from = START + 49 * HOUR
    with pytest.raises(TooOld) as refused:
        online.answer([{"who": "ann", "other": "ann"}], [kept_from - 1])
    assert refused.value.message == (
        f"habit is kept online from {format_instant(kept_from)} on; asked as of {format_instant(kept_from - 1)}."
    )
    assert refused.value.next_step == "Ask for older instants offline, with a training set."
    assert asking.online("ann", "ann", kept_from) == oracle(asking.rows, "ann", "ann", kept_from)
    assert asking.online("bob", "bob", START) is not None, "others are not affected"


def test_a_fact_that_is_not_known_yet_does_not_displace_the_newest_one_that_is(start):
    asking = start()
    late = Row(START + HOUR, START + 10 * HOUR, "ann", None, fare=2.0, stops=None, shared=None, booked=None)
    asking.append([ride(START, fare=1.0), late, ride(START + 10 * HOUR, fare=3.0)])
    asking.follow()
    for t in (START + 9 * HOUR, START + 10 * HOUR - 1, START + 10 * HOUR):
        assert asking.online("ann", "ann", t) == oracle(asking.rows, "ann", "ann", t)


def test_an_old_fact_that_comes_late_does_not_open_again_what_was_dropped(start):
    asking = start()
    early = Row(START + 5 * HOUR, START + 60 * HOUR, "ann", None, fare=1.0, stops=None, shared=None, booked=None)
    asking.append([early, ride(START + 10 * HOUR), ride(START + 50 * HOUR)])
    asking.follow()
    asking.append([ride(START + 12 * HOUR)])
    asking.follow()
    assert asking.online("ann", "ann", START + 11 * HOUR) is None
    assert asking.online("ann", "ann", START + 59 * HOUR) == oracle(asking.rows, "ann", "ann", START + 59 * HOUR)


def test_what_no_question_can_see_any_more_is_dropped_online(start):
    asking = start()
    asking.append([ride(START + hour * HOUR) for hour in range(48)])
    asking.follow()
    kept = {
        (view.name, stream.by): (len(packed) - 16) // stream.record.itemsize
        for view in VIEWS
        for stream in streams_of(view)
        for _, packed in asking.floor.keys.scan(stream.prefix)
    }
    assert kept == {("habit", "rider"): 6, ("moment", "rider"): 3}

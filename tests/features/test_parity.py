"""One definition, two answers, equal: offline, online, and a few lines of plain Python that share no code with either."""

import math
import struct
from dataclasses import dataclass
from fractions import Fraction

import pyarrow as pa
from hypothesis import event as note
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pressroom.backends.memory.keys import MemoryKeys
from pressroom.backends.memory.log import MemoryLog
from pressroom.backends.memory.records import MemoryRecords
from pressroom.backends.memory.tables import MemoryTables
from pressroom.facts import (
    Batch,
    Bool,
    Fact,
    Facts,
    Float,
    Int,
    Key,
    KnownRule,
    RawBatch,
    Timestamp,
    arrow_schema,
    field,
)
from pressroom.features import Features, FeatureView, TooOld, question_of, streams_of
from pressroom.features.stream import position_key
from pressroom.testing.clock import TurnedClock


class Ride(Fact):
    """A member rode along, sometimes with a guest who is a member too."""

    rider: Key["member"] = field(optional=True)
    guest: Key["member"] = field(optional=True)
    fare: Float = field(optional=True)
    stops: Int = field(optional=True)
    shared: Bool = field(optional=True)
    booked: Timestamp = field(optional=True)


class Asked(Fact):
    """Somebody asks about two members."""

    who: Key["member"]
    other: Key["member"]


class Habit(FeatureView, entity="member"):
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


class Moment(FeatureView, entity="member"):
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
NOW = START + 100 * HOUR

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


def raw(rows):
    schema = arrow_schema(Ride.schema)
    return pa.table(
        {name: pa.array([getattr(row, name) for row in rows], schema.field(name).type) for name in schema.names}
    )


class Floor:
    """Facts in memory, answered offline and online."""

    def __init__(self):
        self.log = MemoryLog()
        self.clock = TurnedClock(NOW)
        self.facts = Facts(log=self.log, tables=MemoryTables(), records=MemoryRecords(), clock=self.clock)
        self.keys = MemoryKeys()
        self.features = Features(facts=self.facts, keys=self.keys)
        self.rows = []

    def append(self, rows):
        self.rows += rows
        batch = Batch(
            fact=Ride.schema,
            raw=RawBatch(table=raw(rows)),
            known=KnownRule(kind="column"),
            source="test",
            batch=str(len(self.rows)),
            repeats=True,
        )
        (receipt,) = self.facts.append(batch)
        assert (receipt.appended, receipt.set_aside) == (len(rows), 0)

    def offline(self, asked):
        spine = pa.table(
            {
                "as_of": pa.array([t for _, _, t in asked], pa.timestamp("us", tz="UTC")),
                "who": pa.array([who for who, _, _ in asked], pa.string()),
                "other": pa.array([other for _, other, _ in asked], pa.string()),
            }
        )
        table, _ = self.features.offline(QUESTION, spine)
        assert table.column_names == [field.name for field in QUESTION.inputs()]
        assert table.num_rows == len(asked)
        columns = [
            column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column for column in table.columns
        ]
        return [list(row) for row in zip(*(column.to_pylist() for column in columns), strict=True)]

    def online(self, who, other, t):
        """The answer, or None where it is refused as too old."""
        try:
            answered = self.features.online(QUESTION).answer([{"who": who, "other": other}], [t])[0]
        except TooOld:
            return None
        return [answered.values[field.name] for field in QUESTION.inputs()]

    def newest(self, *whom):
        """The newest instant that any fact about one of these members speaks of, or None."""
        times = [
            max(row.event, row.known)
            for row in self.rows
            if {row.rider, row.guest} & {w for w in whom if w is not None}
        ]
        return max(times, default=None)


def spelled(value):
    """A value so that equal spelling means the same type and the same bits; NaN is NaN."""
    if isinstance(value, float):
        return "nan" if math.isnan(value) else struct.pack("<d", value)
    return type(value).__name__, value


def assert_same(got, want, what):
    for field_, one, two in zip(QUESTION.inputs(), got, want, strict=True):
        assert spelled(one) == spelled(two), (what, field_.name, one, two)


# The laws -----------------------------------------------------------------------------------------------------------


HUGE = [Row(START, START, "ann", "ann", fare, None, None, None) for fare in (1.7e308, 1.7e308, -1.7e308)]
WHOLE = [Row(START, START, "ann", None, None, stops, None, None) for stops in (2**53 + 1, 2**63 - 1)]


@settings(max_examples=500)
@given(batches, questions, st.lists(st.sampled_from(["", "settle", "follow", "trim"]), min_size=5, max_size=5))
@example([HUGE], [("ann", "ann", START + MINUTE)], [""] * 5)
@example([WHOLE], [("ann", "ann", START + MINUTE)], [""] * 5)
def test_offline_and_online_answers_are_those_of_plain_python(history, asked, doings):
    floor = Floor()
    for rows, doing in zip(history, doings, strict=False):
        floor.append(rows)
        if doing == "follow":
            floor.features.follow(VIEWS)
        elif doing:
            floor.facts.settle()
        if doing == "trim":
            floor.facts.trim(floor.facts.log_end())
    floor.features.follow(VIEWS)
    for (who, other, t), offline in zip(asked, floor.offline(asked), strict=True):
        want = oracle(floor.rows, who, other, t)
        assert_same(offline, want, "offline")
        online = floor.online(who, other, t)
        if online is None:
            note("refused as too old")
            assert t < min(floor.newest(who, other), floor.clock.now()) - HOUR
        else:
            assert_same(online, want, "online")


@settings(max_examples=150)
@given(st.lists(rides(), max_size=24), st.lists(instants(), min_size=1, max_size=5, unique=True))
def test_what_was_served_online_is_what_offline_says_afterwards(history, moments):
    floor, waiting, served = Floor(), sorted(history, key=lambda row: row.known), []
    for now in sorted(moments):
        floor.clock.set(now)
        floor.append([row for row in waiting if row.known <= now])
        waiting = [row for row in waiting if row.known > now]
        floor.features.follow(VIEWS)
        served += [((member, member, now), floor.online(member, member, now)) for member in MEMBERS]
    floor.append(waiting)
    floor.facts.settle()
    for (asked, online), offline in zip(served, floor.offline([asked for asked, _ in served]), strict=True):
        assert online is not None, "a question about now is never too old"
        assert_same(online, offline, asked)


@settings(max_examples=150)
@given(batches, questions)
def test_following_in_steps_following_once_and_filling_later_agree(history, asked):
    steps, once = Floor(), Floor()
    steps.features.follow(VIEWS)
    once.features.follow(VIEWS)
    for rows in history:
        for row in rows:
            steps.append([row])
            steps.features.follow(VIEWS)
        once.append(rows)
    once.features.follow(VIEWS)
    later = Floor()
    later.facts, later.rows = once.facts, once.rows
    later.features = Features(facts=once.facts, keys=later.keys)
    once.facts.settle()
    once.facts.trim(once.facts.log_end())
    later.features.follow(VIEWS)
    for who, other, t in asked:
        answers = [floor.online(who, other, t) for floor in (steps, once, later)]
        given_ = [answer for answer in answers if answer is not None]
        for answer in given_[1:]:
            assert_same(answer, given_[0], (who, other, t))


@settings(max_examples=100)
@given(batches, st.integers(0, 5))
def test_following_the_same_entries_again_changes_nothing(history, back_to):
    floor = Floor()
    for rows in history:
        floor.append(rows)
        floor.features.follow(VIEWS)
    before = dict(floor.keys.scan(b""))
    assert floor.features.follow(VIEWS) == 0
    assert dict(floor.keys.scan(b"")) == before
    if history:
        floor.keys.put_many({position_key(view): str(back_to).encode() for view in VIEWS})
        floor.features.follow(VIEWS)
        assert dict(floor.keys.scan(b"")) == before


@settings(max_examples=100)
@given(st.lists(rides(), max_size=20), st.permutations(range(20)))
def test_answers_do_not_depend_on_the_order_of_arrival_but_where_all_else_ties(history, order):
    unique = list({(row.event, row.known, row.rider, row.guest): row for row in history}.values())
    straight, shuffled = Floor(), Floor()
    straight.append(unique)
    shuffled.append([unique[place] for place in order if place < len(unique)])
    asked = [(member, member, row.event + 1) for member in MEMBERS for row in unique]
    for one, two in zip(straight.offline(asked), shuffled.offline(asked), strict=True):
        if one != two:
            assert_same(one, two, asked)


def test_each_view_reads_what_it_needs_and_drops_what_no_question_can_see():
    floor = Floor()
    floor.append([Row(START + n * HOUR, START + n * HOUR, "ann", None, 1.0, 1, True, START) for n in range(48)])
    floor.features.follow(VIEWS)
    sizes = {}
    for view in VIEWS:
        for stream in streams_of(view):
            for _, packed in floor.keys.scan(stream.prefix()):
                sizes[view.name, stream.by] = (len(packed) - 16) // stream.record().itemsize
    assert sizes == {("habit", "rider"): 6, ("moment", "rider"): 3}

"""One definition, two answers, equal: offline, online, and plain Python that shares no code with either."""

import math
import struct
from dataclasses import asdict

import pytest
from hypothesis import event as note
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.features.rides import (
    HOUR,
    MEMBERS,
    MINUTE,
    NOW,
    QUESTION,
    START,
    VIEWS,
    Ride,
    Row,
    batches,
    instants,
    oracle,
    questions,
    rides,
)

from pressroom.features import Features, TooOld, streams_of
from pressroom.features.packed import HEAD
from pressroom.features.stream import position_key
from pressroom.values import format_instant


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
        (view.name, stream.by): (len(packed) - HEAD.size) // stream.record.itemsize
        for view in VIEWS
        for stream in streams_of(view)
        for _, packed in asking.floor.keys.scan(stream.prefix)
    }
    assert kept == {("habit", "rider"): 6, ("moment", "rider"): 3}

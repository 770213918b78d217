"""Rows without an entity frame, against what the facts say one by one."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.features.rides import START, Member, Moment, Ride, instants, rides
from tests.features.test_corrections import Bought, Habits, User
from tests.features.test_corrections import Floor as Corrected

from pressroom.features import BadSpine, Question, every, every_change, question_of
from pressroom.features.asking_rows import asking_rows
from pressroom.values import format_instant, parse_instant

EMPTY = Question(keys=(), views=(), request=())
SINCE, UNTIL = "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000012Z"


def asked(spine, facts, *, known_at=10**18, end=None):
    table, _ = asking_rows(spine, EMPTY, facts=facts, known_at=known_at, end=end)
    return list(zip(table.column("as_of").cast(pa.int64()).to_pylist(), table.column(1).to_pylist(), strict=True))


steps = st.lists(
    st.tuples(
        st.sampled_from(["says", "says", "corrects", "retracts"]),
        st.integers(0, 4),
        st.sampled_from(["a", "b"]),
        st.integers(0, 8),
    ),
    max_size=12,
)


@settings(max_examples=120)
@given(history=steps)
def test_wherever_a_feature_changes_by_an_arrival_there_is_a_row(*, history):
    floor = Corrected()
    for number, (what, event, user, known) in enumerate(history):
        floor.change(what, user=user, event=event, amount=float(number), known=known)
    rows = set(asked(every_change(Habits, since=SINCE, until=UNTIL), floor.facts))
    arrivals = {
        (t, row["user"])
        for row in floor.rows
        if row["until"] > max(row["event"], row["known"])
        for t in (max(row["event"], row["known"]), max(row["event"] + 1, row["known"]), row["until"])
        if t < 12
    }
    assert rows == arrivals
    for user in ("a", "b"):
        before = None
        for t in range(12):
            # Nothing leaves a window so soon, and ages change with the clock: what changes, an arrival changed.
            now = {name: repr(value) for name, value in floor.expected(user, t).items() if name != "habits.age"}
            if before is not None and now != before:
                assert (t, user) in rows
            before = now


def test_rows_of_changes_are_in_order_and_each_is_there_once(floor):
    minute = 60_000_000
    for rider, minutes in (("b", 0), ("a", 0), ("a", 0), ("a", 1)):
        floor.append(Ride, {"event": START + minutes * minute, "rider": rider})
    spine = every_change(Moment, since="2013-01-01T00:00Z", until="2013-01-02T00:00Z")
    found = asked(spine, floor.facts)
    assert found == sorted(set(found))
    assert {who for _, who in found} == {"a", "b"}
    cut = asked(spine, floor.facts, known_at=START + minute)
    assert cut == [row for row in found if row[0] < START + minute]


def test_only_facts_that_a_feature_looks_at_make_rows(floor):
    floor.append(Ride, {"event": START, "guest": "g", "rider": None})
    found = asked(every_change(Moment, since="2013-01-01T00:00Z", until="2013-01-02T00:00Z"), floor.facts)
    assert {who for _, who in found} == {"g"}


@settings(max_examples=60)
@given(history=st.lists(rides(), max_size=12), until=instants())
def test_an_entity_is_there_every_period_from_when_a_fact_about_it_is_known(new_floor, *, history, until):
    floor = new_floor()
    floor.append(Ride, *[vars(row) for row in history])
    start = START - 3_600_000_000
    last = max(until, start + 1)
    period = 1_800_000_000
    spine = every("30min", of=Member, since=format_instant(start), until=format_instant(last)).of([Moment])
    heard: dict[str, int] = {}
    for row in history:
        for who in {row.rider, row.guest} - {None}:
            heard[who] = min(heard.get(who, 10**18), max(row.event, row.known))
    expected = sorted((t, who) for who, first in heard.items() for t in range(start, last, period) if t >= first)
    assert asked(spine, floor.facts) == expected


def test_the_key_is_called_as_the_facts_call_it_if_they_agree():
    (key,) = every_change(Habits, since=SINCE, until=UNTIL).fact.key_fields()
    assert (key.name, key.entity) == ("user", "user")
    (key,) = every_change(Moment, since=SINCE, until=UNTIL).fact.key_fields()
    assert (key.name, key.entity) == ("member", "member")


def test_what_cannot_mean_anything_is_refused():
    for views in ((), (Habits, Moment)):
        with pytest.raises(BadSpine, match="These views are of"):
            every_change(*views, since=SINCE, until=UNTIL)
    with pytest.raises(BadSpine, match="Nothing lies between"):
        every_change(Habits, since=UNTIL, until=SINCE)
    with pytest.raises(BadSpine, match="Nothing that is asked is about user"):
        every("1d", of=User, since=SINCE, until=UNTIL).of([Moment])


def test_a_question_is_asked_of_every_change(floor):
    floor.append(Ride, {"event": START, "rider": "a"}, {"event": START + 7, "rider": "a"})
    spine = every_change(Moment, since="2013-01-01T00:00Z", until="2013-01-02T00:00Z")
    question = question_of(spine.fact, [Moment])
    rows, seen = asking_rows(spine, question, facts=floor.facts, known_at=parse_instant("2013-06-01T00:00Z"), end=None)
    counts = floor.features.offline(question, rows)[0].column("moment.rides").to_pylist()
    assert counts == [0, 1, 1, 2]
    assert [version.fact for version in seen] == ["ride"]
    assert Bought.schema.name not in {version.fact for version in seen}

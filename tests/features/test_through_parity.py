"""Features through links: offline, online and plain Python say the same, whatever was corrected on the way."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.features.history import History, event_before

from pressroom.facts import Entity, Fact, Float, Key, Upkeep, field
from pressroom.features import FeatureView, NotOnline, TooOld, question_of

MINUTE = 60_000_000
HOUR = 60 * MINUTE
START = 1_357_000_000_000_000


class Flight(Entity):
    """A flight."""


class Aircraft(Entity):
    """An aircraft."""


class Operator(Entity):
    """Who flies an aircraft."""


class Assigned(Fact):
    """An aircraft was assigned to a flight, or taken from it."""

    flight: Key[Flight]
    tail: Key[Aircraft] = field(optional=True)


class Owned(Fact):
    """An aircraft is operated by somebody."""

    tail: Key[Aircraft]
    operator: Key[Operator] = field(optional=True)


class Landing(Fact):
    """An aircraft landed for an operator."""

    tail: Key[Aircraft]
    operator: Key[Operator]
    delay: Float = field(optional=True)


class Flown(Fact):
    """A flight was flown."""

    flight: Key[Flight]
    tail: Key[Aircraft] = field(optional=True)
    operator: Key[Operator] = field(optional=True)


class Scheduled(Fact):
    """A flight, and the one before."""

    flight: Key[Flight] = field(optional=True)
    before: Key[Flight] = field(optional=True)
    tail: Key[Aircraft] = field(optional=True)


class Punctuality(FeatureView, entity=Aircraft):
    """How late an aircraft is."""

    landings = Landing.count(window="3h")
    delay = Landing.delay.sum(window="2h")
    last = Landing.delay.last(ttl="2h")


class Service(FeatureView, entity=Operator):
    """How an operator does."""

    landings = Landing.count(window="3h")


class Habit(FeatureView, entity=(Aircraft, Operator)):
    """How an aircraft does for an operator."""

    landings = Landing.count(window="3h")


QUESTION = question_of(
    Scheduled.schema,
    [
        Punctuality,
        Punctuality.through(Assigned.tail, ttl="2h").on(Scheduled.flight, as_="planned"),
        Punctuality.through(Assigned.tail, ttl="2h").on(Scheduled.before, as_="previous"),
        Service.through(Owned.operator).through(Assigned.tail).on(Scheduled.flight),
        Habit.through(Flown.tail, Flown.operator).on(Scheduled.flight),
    ],
)
KEPT = QUESTION.kept()
FLIGHTS, TAILS, OPERATORS = ["f1", "f2", None], ["n1", "n2", None], ["aa", "bb", None]


def names(*there):
    return st.sampled_from([name for name in there if name is not None])


events = st.integers(-1, 12)
told = st.one_of(
    st.tuples(
        st.just(Assigned),
        st.fixed_dictionaries({"event": events, "flight": names(*FLIGHTS), "tail": st.sampled_from(TAILS)}),
    ),
    st.tuples(
        st.just(Owned),
        st.fixed_dictionaries({"event": events, "tail": names(*TAILS), "operator": st.sampled_from(OPERATORS)}),
    ),
    st.tuples(
        st.just(Flown),
        st.fixed_dictionaries(
            {
                "event": events,
                "flight": names(*FLIGHTS),
                "tail": st.sampled_from(TAILS),
                "operator": st.sampled_from(OPERATORS),
            }
        ),
    ),
    st.tuples(
        st.just(Landing),
        st.fixed_dictionaries(
            {
                "event": events,
                "tail": names(*TAILS),
                "operator": names(*OPERATORS),
                "delay": st.sampled_from([None, 0.1, 1.0, -2.5]),
            }
        ),
    ),
)
steps = st.lists(
    st.tuples(st.sampled_from(["says", "says", "says", "corrects", "retracts"]), st.integers(0, 60), told), max_size=14
)
asking = st.fixed_dictionaries(
    {"flight": st.sampled_from(FLIGHTS), "before": st.sampled_from(FLIGHTS), "tail": st.sampled_from(TAILS)}
)


# The oracle ---------------------------------------------------------------------------------------------------------


def newest(history, fact, t, **key):
    rows = [row for row in history.seen(fact, t) if row["event"] <= t and all(row[k] == v for k, v in key.items())]
    return rows[-1] if rows and None not in key.values() else None


def looked_up(row, t, *fields, ttl=None):
    if row is None or (ttl is not None and t - row["event"] > ttl):
        return tuple(None for _ in fields)
    return tuple(row[field] for field in fields)


def landings(history, t, window, **key):
    if None in key.values():
        return None
    rows = history.seen(Landing, t)
    return [row for row in rows if t - window <= row["event"] < t and all(row[k] == v for k, v in key.items())]


def count(history, t, **key):
    found = landings(history, t, 3 * HOUR, **key)
    return None if found is None else len(found)


def punctuality(history, t, tail):
    delays = [row["delay"] for row in landings(history, t, 2 * HOUR, tail=tail) or () if row["delay"] is not None]
    (last,) = looked_up(newest(history, Landing, t, tail=tail), t, "delay", ttl=2 * HOUR)
    return [count(history, t, tail=tail), math.fsum(delays) if delays else None, last]


def expected(history, asked, t):
    flight = asked["flight"]
    (planned,) = looked_up(newest(history, Assigned, t, flight=flight), t, "tail", ttl=2 * HOUR)
    (previous,) = looked_up(newest(history, Assigned, t, flight=asked["before"]), t, "tail", ttl=2 * HOUR)
    (tail,) = looked_up(newest(history, Assigned, t, flight=flight), t, "tail")
    (operator,) = looked_up(newest(history, Owned, t, tail=tail), t, "operator")
    flown = looked_up(newest(history, Flown, t, flight=flight), t, "tail", "operator")
    values = [
        *punctuality(history, t, asked["tail"]),
        *punctuality(history, t, planned),
        *punctuality(history, t, previous),
        count(history, t, operator=operator),
        count(history, t, tail=flown[0], operator=flown[1]),
    ]
    return dict(zip((field.name for field in QUESTION.inputs()), values, strict=True))


@settings(max_examples=150)
@given(history=steps, asked=st.lists(asking, min_size=1, max_size=4))
def test_three_ways_agree_whatever_is_null_late_corrected_or_taken_back(new_floor, history, asked):
    told = History(new_floor())
    floor, known, served = told.floor, START, []
    floor.follow(*KEPT)
    online = floor.online(QUESTION)
    for change, pause, (fact, row) in history:
        known += pause * MINUTE
        told.tell(fact, {**row, "known": known, "event": event_before(known, row["event"])}, change=change)
        floor.follow(*KEPT)
        for row_asked, answer in zip(asked, online.answer(asked, [known + 1] * len(asked)), strict=True):
            assert answer.values == expected(told, row_asked, known + 1)
            served.append({"as_of": known + 1, **row_asked})
    if served:
        assert floor.offline(QUESTION, served) == [expected(told, row, row["as_of"]) for row in served]


# Cases --------------------------------------------------------------------------------------------------------------


def fill(floor):
    """A flight with an aircraft, that has an operator and has landed."""
    floor.append(Assigned, {"event": START, "flight": "f1", "tail": "n1"})
    floor.append(Owned, {"event": START - HOUR, "tail": "n1", "operator": "aa"})
    floor.append(Landing, {"event": START + HOUR, "tail": "n1", "operator": "aa", "delay": 5.0})
    floor.append(Flown, {"event": START, "flight": "f1", "tail": "n1", "operator": "aa"})
    floor.follow(*KEPT)


ROW = {"flight": "f1", "before": None, "tail": None}


def test_the_ages_of_links_are_told_beside_those_of_features(floor):
    fill(floor)
    (answer,) = floor.online(QUESTION).answer([ROW], [START + 2 * HOUR])
    through = {name: age for name, age in answer.ages_s.items() if ".through." in name}
    assert through == {
        "planned.through.assigned.tail": 7200.0,
        "previous.through.assigned.tail": None,
        "service.through.assigned.tail": 7200.0,
        "service.through.owned.operator": 10800.0,
        "habit.through.flown.tail+operator": 7200.0,
    }
    assert answer.ages_s["planned.delay"] == 3600.0
    assert not any("through" in name for name in answer.values)


def test_a_time_to_live_ends_at_the_same_microsecond_online_and_offline(floor):
    fill(floor)
    instants = [START + 2 * HOUR, START + 2 * HOUR + 1]
    online = [one.values for one in floor.online(QUESTION).answer([ROW, ROW], instants)]
    assert [values["planned.landings"] for values in online] == [1, None]
    assert online == floor.offline(QUESTION, [{"as_of": instant, **ROW} for instant in instants])


def test_a_link_that_leads_to_somebody_unheard_of_is_not_a_null_key(floor):
    floor.append(Assigned, {"event": START, "flight": "f1", "tail": "new"})
    floor.follow(*KEPT)
    (answer,) = floor.online(QUESTION).answer([ROW], [START])
    assert (answer.values["planned.landings"], answer.values["planned.delay"]) == (0, None)
    assert answer.values["previous.landings"] is None


class Counting:
    """Keys that count how often they are read."""

    def __init__(self, keys):
        self._keys, self.reads = keys, 0

    def get_many(self, keys):
        self.reads += 1
        return self._keys.get_many(keys)


@pytest.mark.parametrize(
    ("views", "reads"),
    [
        ([Punctuality], 1),
        ([Punctuality, Punctuality.through(Assigned.tail).on(Scheduled.flight, as_="planned"),
          Punctuality.through(Assigned.tail).on(Scheduled.before, as_="previous"),
          Habit.through(Flown.tail, Flown.operator).on(Scheduled.flight)], 2),
        ([Service.through(Owned.operator).through(Assigned.tail).on(Scheduled.flight), Punctuality], 3),
    ],
)  # fmt: skip
def test_a_request_reads_once_and_once_more_for_each_link_of_the_longest_chain(floor, views, reads):
    fill(floor)
    question = question_of(Scheduled.schema, views)
    floor.follow(*question.kept())
    keys = Counting(floor.keys)
    online = type(floor.online(question))(question, keys)
    keys.reads = 0
    online.answer([ROW, {**ROW, "flight": "f2", "tail": "n1"}, {**ROW, "before": "f1"}], [START + HOUR] * 3)
    assert keys.reads == reads


def test_the_same_link_twice_in_a_chain_tells_two_ages(floor):
    class Replaced(Fact):
        """An aircraft took the place of another."""

        old: Key[Aircraft]
        new: Key[Aircraft]

    view = Punctuality.through(Replaced.new, by=Replaced.old).through(Replaced.new, by=Replaced.old)
    question = question_of(Scheduled.schema, [view])
    floor.append(Replaced, {"event": START, "old": "a", "new": "b"}, {"event": START + HOUR, "old": "b", "new": "c"})
    floor.append(Landing, {"event": START, "tail": "c", "operator": "aa", "delay": 5.0})
    floor.follow(*question.kept())
    (answer,) = floor.online(question).answer([{"tail": "a"}], [START + HOUR])
    assert answer.values["punctuality.delay"] == 5.0
    ages = {name: age for name, age in answer.ages_s.items() if "through" in name}
    assert ages == {"punctuality.through.replaced.new": 3600.0, "punctuality.through.replaced.new.2": 0.0}
    assert floor.offline(question, [{"as_of": START + HOUR, "tail": "a"}]) == [answer.values]


def test_a_link_that_is_not_kept_online_is_named(floor):
    floor.follow(Punctuality.view)
    with pytest.raises(NotOnline, match=r"Not materialised: through\.assigned\.tail\.by_flight\."):
        floor.online(question_of(Assigned.schema, [Punctuality.through(Assigned.tail)]))


def test_an_instant_before_a_link_was_corrected_is_refused_online(floor):
    history = History(floor)
    question = question_of(Assigned.schema, [Punctuality.through(Assigned.tail)])
    floor.follow(*question.kept())
    history.tell(Assigned, {"event": START, "known": START, "flight": "f1", "tail": "n1"})
    history.tell(Assigned, {"event": START, "known": START + HOUR, "flight": "f1", "tail": "n1"}, change="retracts")
    floor.follow(*question.kept())
    online = floor.online(question)
    assert online.answer([{"flight": "f1"}], [START + HOUR])[0].values["punctuality.landings"] is None
    with pytest.raises(TooOld, match="is kept online from"):
        online.answer([{"flight": "f1"}], [START + HOUR - 1])
    assert floor.offline(question, [{"as_of": START + HOUR - 1, "flight": "f1"}])[0]["punctuality.landings"] == 0


def test_a_forgotten_aircraft_leaves_the_links_to_it(floor):
    floor.append(
        Assigned,
        {"event": START, "flight": "f1", "tail": "n2"},
        {"event": START + 1, "flight": "f1", "tail": "n1"},
        {"event": START, "flight": "f2", "tail": "n1"},
    )
    floor.append(Landing, {"event": START, "tail": "n2", "operator": "aa", "delay": 5.0})
    question = question_of(Assigned.schema, [Punctuality.through(Assigned.tail)])
    views = question.kept()
    floor.follow(*views)
    floor.facts.settle()
    floor.facts.trim(floor.facts.log_end())
    Upkeep(tables=floor.tables, records=None).erase(
        {"assigned": ("tail",), "landing": ("tail",)}, "n1", note=lambda fact, rows: None
    )
    floor.features.forget(views, entity="aircraft", subject="n1", neighbours={("assigned", "flight"): ["f1", "f2"]})
    rows = [{"flight": "f1"}, {"flight": "f2"}]
    answers = floor.online(question).answer(rows, [START + HOUR] * 2)
    assert [answer.values["punctuality.landings"] for answer in answers] == [1, None]
    assert not any(b"n1" in key + value for key, value in floor.keys.scan(b""))

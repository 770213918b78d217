"""The laws of time, one example each, and what is fixed about the shape of an answer."""

import math

import pyarrow as pa
import pytest

from pressroom.facts import INSTANT, Bool, Entity, Fact, Float, Int, Key, String, Timestamp, field
from pressroom.features import FeatureView, question_of, request

T = 1_357_000_000_000_000
HOUR = 3_600_000_000


class Plane(Entity):
    """One aircraft."""


class Landing(Fact):
    """A plane landed."""

    plane: Key[Plane] = field(optional=True)
    delay: Float = field(optional=True, unit="min", labels=("ops",))
    seats: Int = field(optional=True)
    smooth: Bool = field(optional=True)
    gate: String = field(optional=True)
    planned: Timestamp = field(optional=True)


class Flight(Fact):
    """A plane is to fly."""

    plane: Key[Plane]
    second: Key[Plane]
    distance: Float


class Recent(FeatureView, entity=Plane):
    """Of the last hour."""

    landings = Landing.count(window="1h")
    total = Landing.delay.sum(window="1h")
    mean = Landing.delay.mean(window="1h")
    seats = Landing.seats.sum(window="1h")


class Latest(FeatureView, entity=Plane):
    """Of the newest landing."""

    delay = Landing.delay.last()
    fresh = Landing.delay.last(ttl="1h")
    seats = Landing.seats.last()
    smooth = Landing.smooth.last()
    gate = Landing.gate.last()
    planned = Landing.planned.last()
    age = Landing.age()
    fresh_age = Landing.age(ttl="1h")


RECENT = question_of(Flight.schema, [Recent.on(Flight.plane)])
LATEST = question_of(Flight.schema, [Latest.on(Flight.plane)])


def at(*instants, plane="N1"):
    return [{"as_of": instant, "plane": plane} for instant in instants]


def landing(event, **more):
    return {"event": event, "plane": "N1", **more}


def column(answers, name):
    return [answer[name] for answer in answers]


def test_a_window_holds_its_start_and_not_its_end(floor):
    floor.append(Landing, landing(T, delay=1.0))
    answers = floor.offline(RECENT, at(T, T + 1, T + HOUR, T + HOUR + 1))
    assert column(answers, "recent.landings") == [0, 1, 1, 0]
    assert column(answers, "recent.total") == [None, 1.0, 1.0, None]


def test_last_sees_a_fact_of_its_own_instant(floor):
    floor.append(Landing, landing(T, delay=1.0))
    answers = floor.offline(LATEST, at(T - 1, T))
    assert column(answers, "latest.delay") == [None, 1.0]
    assert column(answers, "latest.age") == [None, 0.0]


def test_a_time_to_live_holds_its_last_instant(floor):
    floor.append(Landing, landing(T, delay=1.0))
    answers = floor.offline(LATEST, at(T + HOUR, T + HOUR + 1))
    assert column(answers, "latest.fresh") == [1.0, None]
    assert column(answers, "latest.fresh_age") == [3600.0, None]
    assert column(answers, "latest.delay") == [1.0, 1.0]


def test_an_expired_newest_fact_does_not_uncover_an_older_one(floor):
    floor.append(Landing, landing(T, delay=1.0), landing(T + 1, delay=None))
    assert column(floor.offline(LATEST, at(T + HOUR)), "latest.fresh") == [None]


def test_a_late_fact_enters_when_it_is_known_and_leaves_by_its_event(floor):
    known = T + HOUR // 2
    floor.append(Landing, landing(T, known=known, delay=1.0))
    instants = at(known - 1, known, T + HOUR, T + HOUR + 1)
    assert column(floor.offline(RECENT, instants), "recent.landings") == [0, 1, 1, 0]
    assert column(floor.offline(LATEST, instants), "latest.delay") == [None, 1.0, 1.0, 1.0]


def test_a_fact_known_after_its_window_has_passed_never_counts(floor):
    floor.append(Landing, landing(T, known=T + HOUR + 1, delay=1.0), landing(T + HOUR // 2, delay=5.0))
    answers = floor.offline(RECENT, at(T + HOUR, T + HOUR + 1, T + HOUR + 2))
    assert column(answers, "recent.landings") == [1, 1, 1]
    assert column(answers, "recent.total") == [5.0, 5.0, 5.0]


def test_a_fact_announced_before_it_happens_is_not_seen_before_it_happens(floor):
    floor.append(Landing, landing(T, known=T - HOUR, delay=1.0))
    assert column(floor.offline(RECENT, at(T - 1, T, T + 1)), "recent.landings") == [0, 0, 1]
    assert column(floor.offline(LATEST, at(T - 1, T, T + 1)), "latest.delay") == [None, 1.0, 1.0]


def test_a_planted_leak_is_not_read(floor):
    floor.append(Landing, landing(T - 10, delay=1.0), landing(T - 5, known=T + 1, delay=999.0))
    assert column(floor.offline(RECENT, at(T)), "recent.total") == [1.0]
    assert column(floor.offline(LATEST, at(T)), "latest.delay") == [1.0]


def test_of_two_facts_of_one_event_the_one_known_last_is_newest(floor):
    floor.append(Landing, landing(T, known=T + 2, delay=2.0), landing(T, known=T + 1, delay=1.0))
    assert column(floor.offline(LATEST, at(T + 1, T + 2)), "latest.delay") == [1.0, 2.0]


def test_of_two_facts_that_tie_in_both_times_the_one_appended_last_is_newest(floor):
    floor.append(Landing, landing(T, delay=1.0), landing(T, delay=2.0))
    floor.facts.settle()
    floor.append(Landing, landing(T, delay=3.0))
    assert column(floor.offline(LATEST, at(T)), "latest.delay") == [3.0]


def test_there_is_one_row_out_for_each_row_in_and_in_its_order(floor):
    floor.append(Landing, landing(T, delay=1.0), {"event": T, "plane": "N2", "delay": 2.0})
    asked = [("N2", T + 1), (None, T + 1), ("N1", T), ("N1", T + 1), ("nobody", T), ("N2", T + 1), ("N1", T + 1)]
    answers = floor.offline(RECENT, [{"as_of": instant, "plane": plane} for plane, instant in asked])
    assert column(answers, "recent.total") == [2.0, None, None, 1.0, None, 2.0, 1.0]
    assert column(answers, "recent.landings") == [1, None, 0, 1, 0, 1, 1]


def test_a_null_key_has_null_features_and_matches_no_fact_without_a_key(floor):
    floor.append(Landing, {"event": T, "plane": None, "delay": 7.0}, landing(T, delay=1.0))
    answers = floor.offline(RECENT, at(T + 1, plane=None)) + floor.offline(LATEST, at(T + 1, plane=None))
    assert all(value is None for answer in answers for value in answer.values())
    assert column(floor.offline(RECENT, at(T + 1)), "recent.total") == [1.0]


def test_a_null_value_is_counted_but_neither_summed_nor_averaged(floor):
    floor.append(Landing, landing(T, delay=None), landing(T, delay=4.0), landing(T, delay=None))
    assert floor.offline(RECENT, at(T + 1)) == [
        {"recent.landings": 3, "recent.total": 4.0, "recent.mean": 4.0, "recent.seats": None}
    ]


def test_nan_is_a_value_and_not_a_null(floor):
    floor.append(Landing, landing(T, delay=math.nan), landing(T + HOUR, delay=2.0))
    recent = floor.offline(RECENT, at(T + 1, T + HOUR + 1))
    assert math.isnan(recent[0]["recent.mean"])
    assert recent[1]["recent.mean"] == 2.0, "and it spoils no window that it is not in"
    assert math.isnan(floor.offline(LATEST, at(T + 1))[0]["latest.delay"])


def test_a_huge_value_spoils_no_later_window(floor):
    floor.append(Landing, landing(T, delay=1e300), landing(T + 2 * HOUR, delay=0.1), landing(T + 2 * HOUR, delay=0.2))
    assert column(floor.offline(RECENT, at(T + 2 * HOUR + 1)), "recent.total") == [0.1 + 0.2]


def test_whole_numbers_beyond_what_a_float_holds_are_summed_as_the_nearest_floats(floor):
    floor.append(Landing, landing(T, seats=2**53 + 1), landing(T, seats=2**63 - 1))
    assert column(floor.offline(RECENT, at(T + 1)), "recent.seats") == [float(2**53) + float(2**63)]
    assert column(floor.offline(LATEST, at(T + 1)), "latest.seats") == [2**63 - 1], "looked up, they stay whole"


def test_every_type_of_field_comes_back_as_it_went_in(floor):
    floor.append(Landing, landing(T, delay=-0.0, seats=-(2**63), smooth=False, gate="B\x00ö", planned=-1))
    (answer,) = floor.offline(LATEST, at(T))
    assert math.copysign(1.0, answer["latest.delay"]) == -1.0
    assert (answer["latest.seats"], answer["latest.smooth"], answer["latest.gate"]) == (-(2**63), False, "B\x00ö")
    assert answer["latest.planned"] == -1


@pytest.mark.parametrize("question", [RECENT, LATEST])
@pytest.mark.parametrize("rows", [0, 1])
def test_an_answer_has_its_types_even_when_there_is_nothing_to_say(floor, question, rows):
    kinds = {"int": pa.int64(), "float": pa.float64(), "bool": pa.bool_(), "string": pa.string(), "timestamp": INSTANT}
    spine = pa.table({"as_of": pa.array([T] * rows, INSTANT), "plane": pa.array(["N1"] * rows, pa.string())})
    table, _ = floor.features.offline(question, spine)
    assert [(name, kind) for name, kind in zip(table.schema.names, table.schema.types, strict=True)] == [
        (field.name, kinds[field.type]) for field in question.inputs()
    ]
    assert table.num_rows == rows


def test_facts_of_which_none_has_a_key_count_for_nobody(floor):
    floor.append(Landing, {"event": T, "plane": None, "delay": 7.0})
    assert floor.offline(RECENT, at(T + 1))[0]["recent.landings"] == 0
    assert floor.offline(LATEST, at(T + 1))[0]["latest.delay"] is None


def test_one_view_is_asked_of_two_keys_and_request_fields_come_along(floor):
    floor.append(Landing, landing(T, delay=1.0))
    question = question_of(Flight.schema, [Recent.on(Flight.second), request(Flight.distance)], also=["plane"])
    (answer,) = floor.offline(question, [{"as_of": T + 1, "plane": "N9", "second": "N1", "distance": 300.5}])
    assert answer == {
        "recent.landings": 1, "recent.total": 1.0, "recent.mean": 1.0, "recent.seats": None, "distance": 300.5,
    }  # fmt: skip


def test_an_answer_says_which_facts_it_saw(floor):
    floor.append(Landing, landing(T, delay=1.0))
    _, before = floor.features.offline(RECENT, pa.table({"as_of": pa.array([T], INSTANT), "plane": ["N1"]}))
    assert before == (floor.facts.version(Landing.schema),)
    floor.append(Landing, landing(T, delay=1.0))
    assert before != (floor.facts.version(Landing.schema),)


def test_facts_in_the_table_and_in_the_log_answer_together(floor):
    floor.append(Landing, landing(T, delay=1.0))
    floor.facts.settle()
    floor.append(Landing, landing(T, delay=2.0))
    assert column(floor.offline(RECENT, at(T + 1)), "recent.total") == [3.0]

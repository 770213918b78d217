"""Landings from made-up rows: 15:05Z from Newark, 230 minutes in the air, at Houston's gate at 13:20 (19:20Z)."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from pressroom.demo.flights import FlightFacts

CONTRADICTION = "arrival time and delay contradict each other"


@pytest.mark.parametrize(
    ("changes", "reason", "field"),
    [
        ({"arr_delay": "NA"}, "diverted: no arrival delay stated", "arr_delay"),
        ({"dep_time": "NA", "dep_delay": "NA"}, "its departure was set aside or is not stated", "dep_time"),
        ({"air_time": "NA"}, "not stated", "air_time"),
        ({"sched_arr_time": "NA"}, "not stated", "sched_arr_time"),
        ({"air_time": 0}, "no time in the air", "air_time"),
        ({"arr_time": 1399}, "no time of day", "arr_time"),
        ({"sched_arr_time": 2500}, "no time of day", "sched_arr_time"),
        ({"dest": "QQQ"}, "the time zone of the airport is unknown", "dest"),
        ({"dest": "ZZZ"}, "the time zone of the airport is unknown", "dest"),
        ({"dest": "BUF"}, "arrived sooner than its time in the air allows", "arr_time"),
        ({"arr_time": 1254}, "arrived sooner than its time in the air allows", "arr_time"),
        ({"arr_time": 1856}, "arrived over six hours later than its time in the air explains", "arr_time"),
        ({"arr_delay": 11}, CONTRADICTION, "arr_delay"),
        ({"arr_delay": 70}, CONTRADICTION, "arr_delay"),
        ({"arr_delay": 10 + 1440}, CONTRADICTION, "arr_delay"),
        ({"arr_delay": 10 - 1440}, CONTRADICTION, "arr_delay"),
        ({"arr_delay": 10**15}, CONTRADICTION, "arr_delay"),
    ],
)
def test_a_row_that_cannot_be_right_is_set_aside(
    facts_of: Callable[..., FlightFacts], changes: dict[str, object], reason: str, field: str
) -> None:
    facts = facts_of(flights=[{}, changes])
    assert facts.scheduled.num_rows == 2
    assert facts.landings["flight"].to_pylist() == ["UA-1-20130115-EWR"]
    found = [(aside.fact, aside.reason, aside.field, aside.count) for aside in facts.set_aside]
    assert found == [("landings", reason, field, 1)]
    assert facts.set_aside[0].rows[0].row == 2
    assert facts.set_aside[0].rows[0].value.startswith("UA-2-20130115-EWR: ")


def test_a_sound_row_lands_at_the_clock_of_its_destination(facts_of: Callable[..., FlightFacts]) -> None:
    (row,) = facts_of(flights=[{}]).landings.to_pylist()
    assert row == {
        "event": datetime(2013, 1, 15, 19, 20, tzinfo=UTC),
        "known": datetime(2013, 1, 15, 19, 25, tzinfo=UTC),
        "flight": "UA-1-20130115-EWR",
        "tail": "N1",
        "origin": "EWR",
        "dest": "IAH",
        "carrier": "UA",
        "delay": 10.0,
    }


def test_a_flight_that_was_never_heard_of_again_left_and_did_not_land(facts_of: Callable[..., FlightFacts]) -> None:
    facts = facts_of(flights=[dict.fromkeys(("arr_time", "arr_delay", "air_time"), "NA")])
    assert (facts.departures.num_rows, facts.landings.num_rows) == (1, 0)
    assert facts.set_aside == ()


def test_puerto_rico_is_known_without_being_listed(facts_of: Callable[..., FlightFacts]) -> None:
    facts = facts_of(flights=[{"dest": "SJU", "arr_time": 1520, "sched_arr_time": 1510}])
    assert facts.landings["event"].to_pylist() == [datetime(2013, 1, 15, 19, 20, tzinfo=UTC)]


@pytest.mark.parametrize(("air_time", "hour"), [(339, 8), (399, 9)])
def test_an_arrival_in_the_hour_that_happens_twice_goes_by_the_time_in_the_air(
    facts_of: Callable[..., FlightFacts], air_time: int, hour: int
) -> None:
    night = {
        "month": 11, "day": 2, "sched_dep_time": 2200, "dep_time": 2217, "dep_delay": 17, "dest": "LAX",
        "time_hour": "2013-11-03T02:00:00Z", "arr_time": 114, "sched_arr_time": 50, "arr_delay": 24,
    }  # fmt: skip
    facts = facts_of(flights=[{**night, "air_time": air_time}])
    assert facts.landings["event"].to_pylist() == [datetime(2013, 11, 3, hour, 14, tzinfo=UTC)]

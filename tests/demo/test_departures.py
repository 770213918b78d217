"""Departures from made-up rows."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from pressroom.demo.flights import FlightFacts


@pytest.mark.parametrize(
    ("changes", "reason", "field"),
    [
        ({"dep_delay": "NA"}, "not stated", "dep_delay"),
        ({"dep_time": 1075}, "no time of day", "dep_time"),
        ({"dep_delay": 6}, "departure time and delay contradict each other", "dep_time"),
        ({"dep_delay": 65}, "departure time and delay contradict each other", "dep_time"),
        ({"dep_delay": 10**15}, "departure time and delay contradict each other", "dep_time"),
    ],
)
def test_a_row_that_cannot_be_right_is_set_aside(
    facts_of: Callable[..., FlightFacts], changes: dict[str, object], reason: str, field: str
) -> None:
    facts = facts_of(flights=[{}, changes])
    assert facts.scheduled.num_rows == 2
    assert facts.departures["flight"].to_pylist() == ["UA-1-20130115-EWR"]
    found = [(aside.fact, aside.reason, aside.field, aside.count) for aside in facts.set_aside]
    assert found == [
        ("departures", reason, field, 1),
        ("landings", "its departure was set aside or is not stated", "dep_time", 1),
    ]


def test_a_cancelled_flight_is_no_departure_and_no_fault(facts_of: Callable[..., FlightFacts]) -> None:
    nothing = dict.fromkeys(("dep_time", "dep_delay", "arr_time", "arr_delay", "air_time", "tailnum"), "NA")
    facts = facts_of(flights=[nothing])
    assert (facts.scheduled.num_rows, facts.departures.num_rows, facts.landings.num_rows) == (1, 0, 0)
    assert facts.set_aside == ()


@pytest.mark.parametrize(
    ("dep_time", "delay", "day", "hour", "minute"),
    [(2400, 30, 16, 5, 0), (0, 30, 16, 5, 0), (15, 45, 16, 5, 15), (2320, -10, 16, 4, 20), (100, 1530, 17, 6, 0)],
)
def test_the_delay_says_on_which_day_the_clock_is_read(
    facts_of: Callable[..., FlightFacts], dep_time: int, delay: int, day: int, hour: int, minute: int
) -> None:
    late = {"sched_dep_time": 2330, "time_hour": "2013-01-16T04:00:00Z", "dep_time": dep_time, "dep_delay": delay}
    facts = facts_of(flights=[late])
    (row,) = facts.departures.to_pylist()
    assert row["event"] == datetime(2013, 1, day, hour, minute, tzinfo=UTC)
    assert row["known"] == datetime(2013, 1, day, hour, minute + 5, tzinfo=UTC)
    assert row["delay"] == delay


@pytest.mark.parametrize("delay", [270, 210])
def test_a_delay_over_the_autumn_change_may_be_time_passed_or_a_difference_of_clocks(
    facts_of: Callable[..., FlightFacts], delay: int
) -> None:
    night = {"month": 11, "day": 2, "sched_dep_time": 2330, "time_hour": "2013-11-03T03:00:00Z", "dep_time": 300}
    facts = facts_of(flights=[{**night, "dep_delay": delay}, {**night, "dep_delay": 240}])
    assert facts.departures["event"].to_pylist() == [datetime(2013, 11, 3, 8, tzinfo=UTC)]
    assert facts.set_aside[0].reason == "departure time and delay contradict each other"

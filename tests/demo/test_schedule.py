"""Scheduled flights from made-up rows: one unsound row beside a sound one."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from pressroom.demo.flights import FlightFacts


@pytest.mark.parametrize(
    ("changes", "reason", "field"),
    [
        ({"dest": "NA"}, "not stated", "dest"),
        ({"time_hour": "NA"}, "not stated", "time_hour"),
        ({"flight": "NA"}, "not stated", "flight"),
        ({"month": 2, "day": 30}, "no date of the calendar", "day"),
        ({"year": 9_000_000_000}, "no date of the calendar", "day"),
        ({"sched_dep_time": 1060}, "no time of day", "sched_dep_time"),
        ({"sched_dep_time": 2401}, "no time of day", "sched_dep_time"),
        ({"origin": "ATL"}, "not an airport of New York, so its clock is unknown", "origin"),
        (
            {"time_hour": "2013-01-15T14:00:00Z"},
            "the local time and the hour in UTC contradict each other",
            "time_hour",
        ),
        ({"day": 16}, "the local time and the hour in UTC contradict each other", "time_hour"),
        ({"flight": 1}, "the same flight a second time", "flight"),
    ],
)
def test_a_row_that_cannot_be_right_is_set_aside_from_all_facts(
    facts_of: Callable[..., FlightFacts], changes: dict[str, object], reason: str, field: str
) -> None:
    facts = facts_of(flights=[{}, changes])
    aside = facts.set_aside[0]
    assert (aside.fact, aside.reason, aside.field, aside.count) == ("scheduled", reason, field, 1)
    assert aside.rows[0].row == 2
    assert f"{field}=" in aside.rows[0].value
    for table in (facts.scheduled, facts.departures, facts.landings):
        assert table["flight"].to_pylist() == ["UA-1-20130115-EWR"]
    followers = [(other.fact, other.count) for other in facts.set_aside[1:]]
    assert followers == [("departures", 1), ("landings", 1)]


def test_a_flight_is_on_sale_thirty_days_before_it_departs(facts_of: Callable[..., FlightFacts]) -> None:
    (row,) = facts_of(flights=[{}]).scheduled.to_pylist()
    assert row["departs"] == datetime(2013, 1, 15, 15, tzinfo=UTC)
    assert row["event"] == row["known"] == datetime(2012, 12, 16, 15, tzinfo=UTC)
    assert (row["hour"], row["month"], row["distance"]) == (10, 1, 1400.0)


def test_a_flight_without_a_tail_is_kept(facts_of: Callable[..., FlightFacts]) -> None:
    facts = facts_of(flights=[{"tailnum": "NA"}])
    assert facts.scheduled["tail"].to_pylist() == [None]
    assert facts.set_aside == ()


@pytest.mark.parametrize(("stated", "departs"), [(5, 5), (6, 6)])
def test_an_hour_that_happens_twice_is_the_one_stated_in_utc(
    facts_of: Callable[..., FlightFacts], stated: int, departs: int
) -> None:
    night = {"month": 11, "day": 3, "sched_dep_time": 130, "time_hour": f"2013-11-03T0{stated}:00:00Z"}
    facts = facts_of(flights=[night])
    assert facts.scheduled["departs"].to_pylist() == [datetime(2013, 11, 3, departs, 30, tzinfo=UTC)]


def test_rows_are_sorted_by_time_whatever_the_order_of_the_file(facts_of: Callable[..., FlightFacts]) -> None:
    later = {"day": 16, "time_hour": "2013-01-16T15:00:00Z"}
    facts = facts_of(flights=[later, {}])
    assert facts.scheduled["flight"].to_pylist() == ["UA-2-20130115-EWR", "UA-1-20130116-EWR"]


def test_every_row_that_is_set_aside_is_kept(facts_of: Callable[..., FlightFacts]) -> None:
    (aside, *_) = facts_of(flights=[{"origin": "ATL"}] * 5).set_aside
    assert aside.count == 5
    assert [row.row for row in aside.rows] == [1, 2, 3, 4, 5]


def test_no_rows_give_no_facts(facts_of: Callable[..., FlightFacts]) -> None:
    facts = facts_of()
    assert facts.scheduled.num_rows == facts.landings.num_rows == facts.weather.num_rows == 0
    assert facts.set_aside == ()

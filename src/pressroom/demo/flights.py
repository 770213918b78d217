"""The flights that left New York in 2013, as columns of four facts with instants that were checked in two ways each."""

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from pressroom.demo.departures import departures_of
from pressroom.demo.landings import landings_of
from pressroom.demo.raw import raw_airports, raw_flights, raw_folder, raw_weather
from pressroom.demo.schedule import schedule_of
from pressroom.demo.unfit import Unfit
from pressroom.demo.weather import weather_of


@dataclass(frozen=True, slots=True, kw_only=True)
class FlightFacts:
    """Four tables, each sorted by `event`, and an account of the rows that are in none of them.

    Times are UTC to the minute; delays are minutes, negative for early; keys are strings. The functions that make the
    tables say what is asserted: when sale opened, and how long after an event it was known.
    """

    scheduled: pa.Table
    departures: pa.Table
    landings: pa.Table
    weather: pa.Table
    set_aside: tuple[Unfit, ...]


def flight_facts(source: Path | None = None) -> FlightFacts:
    """Read the raw files in the folder `source`, or those of the installed package, and work out the facts.

    A row that can't be right is set aside from the fact it can't be right for, and from those that lean on it; it is
    counted there by reason. Raises NotFound without the files and InvalidInput for a file that is no such table.
    """
    folder = raw_folder(source)
    schedule = schedule_of(raw_flights(folder))
    departures = departures_of(schedule)
    landings, landings_aside = landings_of(departures, raw_airports(folder))
    weather, weather_aside = weather_of(raw_weather(folder))
    return FlightFacts(
        scheduled=schedule.facts(),
        departures=departures.facts(),
        landings=landings,
        weather=weather,
        set_aside=(*schedule.set_aside, *departures.set_aside, *landings_aside, *weather_aside),
    )

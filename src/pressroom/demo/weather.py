"""Weather: what was measured at the three airports of New York, hour by hour."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pressroom.demo.airports import HOME
from pressroom.demo.fact_tables import by_time, instants
from pressroom.demo.raw import MEASURES, stated_hours, wholes
from pressroom.demo.schedule import repeated
from pressroom.demo.unfit import Rule, Unfit, missing, sift
from pressroom.demo.wall_clocks import Zones, midnights, read_wall

KNOWN_AFTER_MIN = 60
"""A row named after an hour holds what was measured until minute 51 of it (rain is the sum up to there), and a routine
report goes out within minutes. To know it any sooner than at the end of the hour would be to look into the future."""
_STRONGEST_WIND_MPH = 253.0
"""The strongest gust ever measured at the surface of the earth (Barrow Island, 1996)."""


def weather_of(rows: pa.Table) -> tuple[pa.Table, tuple[Unfit, ...]]:
    """`weather`: the hour that begins at `event`, at one airport; measures are null where the station gave none.

    The file states the hour in UTC and on New York's clock; the two must agree. The hour that happens twice in autumn
    is two rows of one local time, told apart by UTC.
    """
    midnight, calendar = midnights(wholes(rows, "year"), wholes(rows, "month"), wholes(rows, "day"))
    hour = wholes(rows, "hour")
    of_day = (hour >= 0) & (hour <= 23)
    event = stated_hours(rows)
    local = read_wall(midnight + np.where(of_day, hour, 0) * 60, event, Zones.one(HOME, len(event)))
    station = pc.binary_join_element_wise(rows.column("origin"), rows.column("time_hour").cast(pa.string()), "-")
    names = station.combine_chunks() if isinstance(station, pa.ChunkedArray) else station
    wind = rows.column("wind_speed").fill_null(0.0)
    rules = [
        *missing(rows, "origin", "year", "month", "day", "hour", "time_hour"),
        Rule(reason="no date of the calendar", fields=("day", "month", "year"), broken=~calendar),
        Rule(reason="no hour of the day", fields=("hour",), broken=~of_day),
        Rule(
            reason="the local time and the hour in UTC contradict each other",
            fields=("time_hour", "month", "day", "hour"),
            broken=local.instant != event,
        ),
        Rule(reason="the same hour a second time", fields=("time_hour", "origin"), broken=repeated(names)),
        Rule(
            reason="stronger wind than was ever measured",
            fields=("wind_speed",),
            broken=np.asarray(pc.greater(wind, _STRONGEST_WIND_MPH)),
        ),
    ]
    kept, found = sift("weather", rows, names, np.ones(len(event), dtype=np.bool_), rules)
    columns = {
        "event": instants(event),
        "known": instants(event + KNOWN_AFTER_MIN),
        "origin": rows.column("origin"),
        **{measure: rows.column(measure) for measure in MEASURES},
    }
    return pa.table(columns).take(pa.array(by_time(event, kept))), found

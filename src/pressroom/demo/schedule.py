"""The schedule: which flight was to leave when. Everything else about a flight leans on it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pressroom.demo.airports import HOME, HOME_AIRPORTS
from pressroom.demo.fact_tables import fact_table, instants
from pressroom.demo.raw import present, stated_hours, wholes
from pressroom.demo.unfit import Rule, Unfit, missing, sift
from pressroom.demo.wall_clocks import DAY_MIN, Mask, Minutes, Reading, Zones, midnights, minutes_of_day, read_wall

_ON_SALE_MIN = 30 * DAY_MIN
_NEEDED = ("year", "month", "day", "sched_dep_time", "carrier", "flight", "origin", "dest", "distance", "time_hour")


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The scheduled departures of raw rows, in their order; only rows in `kept` are to be believed.

    `flight` is the id carrier-number-date-origin, null where a part is missing. `wall` is the local clock's minutes
    since 1970.
    """

    rows: pa.Table
    flight: pa.Array
    wall: Minutes
    departs: Reading
    kept: Mask
    set_aside: tuple[Unfit, ...]

    def facts(self) -> pa.Table:
        """`scheduled`: a flight is put on sale for an instant.

        The data does not say when sale opened. That it was 30 days (of 24 hours) before the scheduled departure, and
        known at once, is this demo's own assertion.
        """
        event = self.departs.instant - _ON_SALE_MIN
        months = self.wall.astype("datetime64[m]").astype("datetime64[M]").astype(np.int64)
        columns = {
            "departs": instants(self.departs.instant),
            "distance": self.rows.column("distance"),
            "hour": pa.array(self.wall % DAY_MIN // 60),
            "month": pa.array(months % 12 + 1),
        }
        return fact_table(self.rows, self.flight, event=event, known=event, columns=columns, kept=self.kept)


def schedule_of(rows: pa.Table) -> Schedule:
    """Read the schedule from raw flights.

    The instant comes from the date and time on New York's clock, and must be the one that the file's own hour in UTC
    (`time_hour`) states; that hour also says which of the two is meant when a clock time happens twice.
    """
    midnight, calendar = midnights(wholes(rows, "year"), wholes(rows, "month"), wholes(rows, "day"))
    minutes, clock = minutes_of_day(wholes(rows, "sched_dep_time"))
    wall = midnight + minutes
    stated = stated_hours(rows) + minutes % 60
    departs = read_wall(wall, stated, Zones.one(HOME, len(wall)))
    flight = _flight_ids(rows)
    away = ~np.asarray(pc.is_in(rows.column("origin"), value_set=pa.array(HOME_AIRPORTS)))
    rules = [
        *missing(rows, *_NEEDED),
        Rule(reason="no date of the calendar", fields=("day", "month", "year"), broken=~calendar),
        Rule(reason="no time of day", fields=("sched_dep_time",), broken=~clock),
        Rule(reason="not an airport of New York, so its clock is unknown", fields=("origin",), broken=away),
        Rule(
            reason="the local time and the hour in UTC contradict each other",
            fields=("time_hour", "sched_dep_time"),
            broken=departs.instant != stated,
        ),
        Rule(reason="the same flight a second time", fields=("flight", "sched_dep_time"), broken=repeated(flight)),
    ]
    kept, found = sift("scheduled", rows, flight, np.ones(len(wall), dtype=np.bool_), rules)
    return Schedule(rows=rows, flight=flight, wall=wall, departs=departs, kept=kept, set_aside=found)


def repeated(names: pa.Array) -> npt.NDArray[np.bool_]:
    """Which entries stand further up already."""
    _, first = np.unique(np.asarray(names.dictionary_encode().indices.fill_null(-1)), return_index=True)
    again = np.ones(len(names), dtype=np.bool_)
    again[first] = False
    return again


def _flight_ids(rows: pa.Table) -> pa.Array:
    date = wholes(rows, "year") * 10_000 + wholes(rows, "month") * 100 + wholes(rows, "day")
    dated = present(rows, "year") & present(rows, "month") & present(rows, "day")
    parts = (
        rows.column("carrier"),
        rows.column("flight").cast(pa.string()),
        pa.array(date, mask=~dated).cast(pa.string()),
        rows.column("origin"),
    )
    ids = pc.binary_join_element_wise(*parts, "-")
    return ids.combine_chunks() if isinstance(ids, pa.ChunkedArray) else ids

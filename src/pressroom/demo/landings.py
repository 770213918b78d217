"""Landings: which flight reached the gate of its destination when."""

import numpy as np
import pyarrow as pa

from pressroom.demo.airports import airport_zones
from pressroom.demo.departures import KNOWN_AFTER_MIN, Departures, clipped
from pressroom.demo.fact_tables import fact_table
from pressroom.demo.raw import present, wholes
from pressroom.demo.unfit import Rule, Unfit, missing, sift
from pressroom.demo.wall_clocks import DAY_MIN, Mask, Minutes, Reading, Zones, agrees, minutes_of_day, read_clock

_TYPICAL_GROUND_MIN = 30
"""Taxiing at both ends together: the median is 28 minutes, and 20 to 37 at each destination."""
_LONGEST_GROUND_MIN = 6 * 60
"""More than any flight spent; an arrival on the wrong day or in the wrong zone by hours is beyond it."""


def landings_of(departures: Departures, airports: pa.Table) -> tuple[pa.Table, tuple[Unfit, ...]]:
    """`landings`: an aircraft reached its gate, `delay` minutes after its schedule; and the rows set aside.

    The file gives a time on the destination's clock and no date. The instant is the one that fits departure plus time
    in the air plus half an hour on the ground best. It must be no earlier than the time in the air allows, at most six
    hours later, and the scheduled arrival plus the stated delay must lead to the same instant.

    Claimed are the flights with an arrival time. Those without one (cancelled, or never heard of again) are no fault.
    A diverted flight has an arrival time and no delay: it is set aside, since it may have come hours after another
    landing elsewhere, and a delay is what landings are for.
    """
    schedule = departures.schedule
    rows = schedule.rows
    clock, is_clock = minutes_of_day(wholes(rows, "arr_time"))
    zones = airport_zones(airports, rows.column("dest"))
    air = wholes(rows, "air_time")
    landed = read_clock(clock, departures.left + clipped(air) + _TYPICAL_GROUND_MIN, zones)
    ground = landed.instant - departures.left - air
    rules = [
        Rule(reason="its departure was set aside or is not stated", fields=("dep_time",), broken=~departures.kept),
        Rule(
            reason="diverted: no arrival delay stated",
            fields=("arr_delay", "arr_time", "dest"),
            broken=~present(rows, "arr_delay"),
        ),
        *missing(rows, "air_time", "sched_arr_time"),
        Rule(reason="no time in the air", fields=("air_time",), broken=air <= 0),
        Rule(reason="no time of day", fields=("arr_time",), broken=~is_clock),
        Rule(reason="the time zone of the airport is unknown", fields=("dest",), broken=zones.codes < 0),
        Rule(
            reason="arrived sooner than its time in the air allows",
            fields=("arr_time", "dep_time", "air_time", "dest"),
            broken=ground < 0,
        ),
        Rule(
            reason="arrived over six hours later than its time in the air explains",
            fields=("arr_time", "dep_time", "air_time", "dest"),
            broken=ground > _LONGEST_GROUND_MIN,
        ),
        *_contradictions(departures, landed, zones),
    ]
    kept, found = sift("landings", rows, schedule.flight, present(rows, "arr_time"), rules)
    facts = fact_table(
        rows,
        schedule.flight,
        event=landed.instant,
        known=landed.instant + KNOWN_AFTER_MIN,
        columns={"delay": rows.column("arr_delay").cast(pa.float64())},
        kept=kept,
    )
    return facts, found


def _contradictions(departures: Departures, landed: Reading, zones: Zones) -> list[Rule]:
    rows = departures.schedule.rows
    clock, is_clock = minutes_of_day(wholes(rows, "sched_arr_time"))
    delay = wholes(rows, "arr_delay")
    planned = read_clock(clock, landed.instant - clipped(delay), zones)
    return [
        Rule(reason="no time of day", fields=("sched_arr_time",), broken=~is_clock),
        Rule(
            reason="arrival time and delay contradict each other",
            fields=("arr_delay", "arr_time", "sched_arr_time"),
            broken=~(agrees(planned, landed, delay) & _within_a_day(departures.schedule.departs.instant, planned)),
        ),
    ]


def _within_a_day(departs: Minutes, arrives: Reading) -> Mask:
    planned_min = arrives.instant - departs
    return np.asarray((planned_min > 0) & (planned_min <= DAY_MIN))

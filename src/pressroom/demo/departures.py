"""Departures: which flight left its gate when."""

from dataclasses import dataclass

import pyarrow as pa

from pressroom.demo.airports import HOME
from pressroom.demo.fact_tables import fact_table
from pressroom.demo.raw import present, wholes
from pressroom.demo.schedule import Schedule
from pressroom.demo.unfit import Rule, Unfit, missing, sift
from pressroom.demo.wall_clocks import Mask, Minutes, Zones, agrees, minutes_of_day, read_clock

KNOWN_AFTER_MIN = 5
"""We let the platform learn of a departure or a landing five minutes after it; the data does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Departures:
    """The instants, in minutes since 1970 UTC, at which raw flights left; only rows in `kept` are to be believed."""

    schedule: Schedule
    left: Minutes
    kept: Mask
    set_aside: tuple[Unfit, ...]

    def facts(self) -> pa.Table:
        """`departures`: an aircraft left its gate, `delay` minutes after its schedule (negative: before)."""
        rows = self.schedule.rows
        columns = {"delay": rows.column("dep_delay").cast(pa.float64())}
        known = self.left + KNOWN_AFTER_MIN
        return fact_table(rows, self.schedule.flight, event=self.left, known=known, columns=columns, kept=self.kept)


def departures_of(schedule: Schedule) -> Departures:
    """Work out when flights left: those with a departure time; a flight without one was cancelled, which is no fault.

    The instant is the one closest to schedule plus delay at which New York's clock showed the departure time. The two
    must be the same: this settles the date past midnight, and finds rows whose time and delay contradict each other.
    """
    rows = schedule.rows
    clock, is_clock = minutes_of_day(wholes(rows, "dep_time"))
    delay = wholes(rows, "dep_delay")
    left = read_clock(clock, schedule.departs.instant + clipped(delay), Zones.one(HOME, len(delay)))
    rules = [
        Rule(reason="its schedule was set aside", fields=("sched_dep_time",), broken=~schedule.kept),
        *missing(rows, "dep_delay"),
        Rule(reason="no time of day", fields=("dep_time",), broken=~is_clock),
        Rule(
            reason="departure time and delay contradict each other",
            fields=("dep_time", "sched_dep_time", "dep_delay"),
            broken=~agrees(schedule.departs, left, delay),
        ),
    ]
    kept, found = sift("departures", rows, schedule.flight, present(rows, "dep_time"), rules)
    return Departures(schedule=schedule, left=left.instant, kept=kept, set_aside=found)


def clipped(minutes: Minutes) -> Minutes:
    """Durations short enough to look up a clock at; what was clipped fails the check against the stated value."""
    return minutes.clip(-10_000, 10_000)

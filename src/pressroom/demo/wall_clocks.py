"""Wall clocks: from `1545`, the way airlines write a time of day, to an instant in UTC.

Everything here is in whole minutes: of the day, or since 1970. The zones of the United States put their clocks forward
and back by a whole hour at a whole hour, so offsets are looked up once per hour of the wall clock.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pressroom.values import MICROSECONDS, local_to_utc

Minutes = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

MINUTE_US = 60 * MICROSECONDS
DAY_MIN = 24 * 60
_HOUR_MIN = 60
_FIRST_YEAR, _LAST_YEAR = 1900, 2100


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Instants in minutes since 1970 UTC, and what the wall clock was ahead of UTC then, in minutes."""

    instant: Minutes
    offset: Minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Zones:
    """The zone of each row: `codes` point into `names`; -1 where it is unknown, which reads as UTC."""

    names: tuple[str, ...]
    codes: npt.NDArray[np.int64]

    @staticmethod
    def one(name: str, rows: int) -> "Zones":
        """The same zone for all rows."""
        return Zones(names=(name,), codes=np.zeros(rows, dtype=np.int64))


def minutes_of_day(hhmm: Minutes) -> tuple[Minutes, Mask]:
    """Minutes after midnight of times written HHMM, and which are times at all (others give 0).

    2400 is one: midnight at the end of the day.
    """
    clock = (hhmm >= 0) & (hhmm <= 2400) & (hhmm % 100 < _HOUR_MIN)
    return np.where(clock, hhmm // 100 * _HOUR_MIN + hhmm % 100, 0), clock


def midnights(year: Minutes, month: Minutes, day: Minutes) -> tuple[Minutes, Mask]:
    """The wall clock's minutes since 1970 at the start of each date, and which dates are in the calendar."""
    sane = (year >= _FIRST_YEAR) & (year <= _LAST_YEAR) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    months = np.where(sane, (year - 1970) * 12 + month - 1, 0).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + np.where(sane, day - 1, 0)
    calendar = sane & (days.astype("datetime64[M]") == months)
    return days.astype(np.int64) * DAY_MIN, calendar


def read_wall(wall: Minutes, near: Minutes, zones: Zones) -> Reading:
    """The instants at which the wall clock showed `wall` (minutes since 1970, local).

    An hour that happens twice (autumn) gives the reading closer to `near`; one that never happens (spring) is read as
    if the clock had not yet been put forward: some airlines' clocks were not.
    """
    instant = wall.copy()
    for code, zone in enumerate(zones.names):
        rows = np.flatnonzero(zones.codes == code)
        first = _first_reading(wall[rows], zone)
        second = _first_reading(wall[rows] + _HOUR_MIN, zone) - _HOUR_MIN
        twice = second > first
        closer = np.abs(second - near[rows]) < np.abs(first - near[rows])
        instant[rows] = np.where(twice & closer, second, first)
    return Reading(instant=instant, offset=wall - instant)


def read_clock(clock: Minutes, near: Minutes, zones: Zones) -> Reading:
    """The instants closest to `near` (minutes since 1970, UTC) at which a clock without a date showed `clock`."""
    local = near.copy()
    for code, zone in enumerate(zones.names):
        rows = np.flatnonzero(zones.codes == code)
        # Off by an hour next to a change of the clocks; what is read lies far closer to `near` than half a day.
        local[rows] += near[rows] - _first_reading(near[rows], zone)
    days = (local - clock + DAY_MIN // 2) // DAY_MIN
    return read_wall(clock + days * DAY_MIN, near, zones)


def agrees(planned: Reading, actual: Reading, delay: Minutes) -> Mask:
    """Whether `actual` is `planned` plus `delay`, either as time that passed or as the difference of two wall clocks.

    The two differ only when the clocks were changed in between.
    """
    passed = actual.instant - planned.instant
    return (passed == delay) | (passed + actual.offset - planned.offset == delay)


def _first_reading(wall: Minutes, zone: str) -> Minutes:
    minute = wall % _HOUR_MIN
    return local_to_utc((wall - minute) * MINUTE_US, zone) // MINUTE_US + minute
